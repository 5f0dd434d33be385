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
    name: 'explain',
    summary: 'why a fleet is as it is: what limits it, the evidence, what was done and what was refused',
    load: async () => (await import('./explain.ts')).runExplain,
  },
  {
    name: 'replay',
    summary: 'evaluates recorded decisions again and says which differ; with --set what would have happened',
    load: async () => (await import('./replay.ts')).runReplay,
  },
  {
    name: 'recommend',
    summary: 'the control law as a filter: JSON lines in, one recommendation a line out',
    load: async () => (await import('./recommend.ts')).runRecommend,
  },
  {
    name: 'conformance',
    summary: 'checks a running server against the worker-pool protocol, and says what fails and why',
    load: async () => (await import('./conformance.ts')).runConformanceCommand,
  },
  {
    name: 'check',
    summary: 'tells whether the built-in server can serve a feature_store.yaml and its registry, and what it cannot',
    load: async () => (await import('./check.ts')).runCheck,
  },
  {
    name: 'simulate',
    summary: 'a trace of load through a model of a fleet under a policy, as JSON',
    load: async () => (await import('./simulate.ts')).runSimulate,
  },
  {
    name: 'load-features',
    summary: "writes synthetic features into an online store, in Feast's layout",
    load: async () => (await import('../worker/loader-command.ts')).runLoadFeatures,
  },
];
