/**
 * What is known of a pod's container, in the words of a Pod's status.
 *
 * @module
 */

export interface Terminated {
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error';
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: Terminated };

export interface ContainerFacts {
  readonly state: ContainerState;
  readonly lastTerminated?: Terminated;
  readonly restartCount: number;
  /** The startup probe has passed, or there is none. */
  readonly started: boolean;
  readonly ready: boolean;
}

export const initialFacts: ContainerFacts = {
  state: { waiting: { reason: 'ContainerCreating' } },
  restartCount: 0,
  started: false,
  ready: false,
};
