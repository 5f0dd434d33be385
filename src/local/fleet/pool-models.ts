/**
 * What kind of pool the servers of a fleet are, as one of their pods says itself.
 *
 * @module
 */
import { poolStateSchema } from '../../api/protocol.ts';
import type { PoolState } from '../../api/protocol.ts';

export type PoolModel = Pick<PoolState, 'model' | 'gil'>;

/** A ready pod of a fleet, and where its admin port answers. */
export interface AskedPod {
  readonly key: string;
  readonly origin: string;
}

interface Known {
  readonly pod: string;
  readonly model: PoolModel;
}

const askWithinMs = 2_000;

/** Asks one pod of each fleet, and another one when that has gone: a change of the server shows. */
export class PoolModels {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Set<string>();

  /** Undefined until a pod has answered. */
  of(fleet: string): PoolModel | undefined {
    return this.#known.get(fleet)?.model;
  }

  /** To be called now and then with the ready pods of a fleet. Never rejects: a pod that does not answer is asked again at the next call. */
  async look(fleet: string, pods: readonly AskedPod[]): Promise<void> {
    const known = this.#known.get(fleet);
    const pod = pods[0];
    if (pod === undefined || this.#asking.has(fleet) || pods.some(({ key }) => key === known?.pod)) return;
    this.#asking.add(fleet);
    const model = await ask(pod.origin);
    if (model !== undefined) this.#known.set(fleet, { pod: pod.key, model });
    this.#asking.delete(fleet);
  }
}

const ask = async (origin: string): Promise<PoolModel | undefined> => {
  try {
    const response = await fetch(`${origin}/pool`, { signal: AbortSignal.timeout(askWithinMs) });
    return poolStateSchema.pick({ model: true, gil: true }).parse(await response.json());
  } catch {
    return undefined;
  }
};
