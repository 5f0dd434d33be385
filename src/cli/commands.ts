/**
 * The commands of `plateau`, each with the sentence that `plateau --help` prints.
 *
 * @module
 */

/** Takes the words behind the command's name, resolves to the exit code. */
export type Run = (argv: string[]) => Promise<number>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Run>;
}

export const commands: readonly Command[] = [
  {
    name: 'local',
    summary: 'a fleet on this machine with no cluster: operator, pods as processes, load, live view (npm start)',
    load: async () => (await import('./local.ts')).runLocal,
  },
  {
    name: 'operator',
    summary: 'the controllers, in a cluster or by kubeconfig',
    load: async () => {
      (await import('./operator-heap.ts')).keepHeapSmall();
      return (await import('./operator.ts')).runOperatorCommand;
    },
  },
  {
    name: 'worker',
    summary: 'the built-in feature server: serves a Feast online store under the worker-pool protocol',
    load: async () => (await import('../worker/main.ts')).runWorker,
  },
  {
    name: 'load-features',
    summary: "writes synthetic features into an online store, in Feast's layout",
    load: async () => (await import('../worker/loader-command.ts')).runLoadFeatures,
  },
];
