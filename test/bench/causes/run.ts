/**
 * One run of one scenario: starts the server, finds its capacity, loads it quietly, makes the cause, and notes what the law is given.
 *
 * @module
 */
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { answeredOf, failuresOf } from '../../../src/conformance/load/job.ts';
import type { LoadJob, LoadResult } from '../../../src/conformance/load/job.ts';
import { startLoad } from '../../../src/conformance/load/load.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { describeMachine } from '../servers/machine.ts';
import { MeasuredServer } from '../servers/server-process.ts';
import { makeCpuCgroup } from './machine/cpu-cgroup.ts';
import type { CpuCgroup } from './machine/cpu-cgroup.ts';
import { leaveCore } from './machine/affinity.ts';
import { startHogs } from './machine/hog.ts';
import { MachineMeter } from './machine/machine-share.ts';
import { Watch } from './observe.ts';
import type { Evaluation, Recording, RecordingHead, Removal } from './recording.ts';
import { coreLimitOf, quietLoad } from './scenario.ts';
import type { Rate, Scenario, Setting } from './scenario.ts';
import type { ServerCommands } from './servers.ts';
import { specOf } from './spec.ts';
import { startStoreStandIn } from './store/stand-in.ts';
import type { StoreStandIn } from './store/stand-in.ts';

export interface Lengths {
  readonly calibrationSeconds: number;
  readonly beforeSeconds: number;
  readonly duringSeconds: number;
  readonly removalSeconds: number;
}

export const usualLengths: Lengths = { calibrationSeconds: 3, beforeSeconds: 10, duringSeconds: 30, removalSeconds: 8 };

export interface RunContext {
  readonly commands: ServerCommands;
  readonly folder: string;
  readonly lengths: Lengths;
}

const calibrationClients = 32;
const timeoutMs = 20_000;
const cores = cpus().length;

/** A server with its surroundings, which `stop` takes down in order. */
class Scene {
  readonly setting: Setting;
  readonly server: MeasuredServer;
  readonly startedAt: number;
  readonly readyAt = Date.now();
  readonly #store: StoreStandIn | undefined;
  readonly #cgroup: CpuCgroup | undefined;

  private constructor(setting: Setting, server: MeasuredServer, rest: { startedAt: number; store: StoreStandIn | undefined; cgroup: CpuCgroup | undefined }) {
    this.setting = setting;
    this.server = server;
    this.startedAt = rest.startedAt;
    this.#store = rest.store;
    this.#cgroup = rest.cgroup;
  }

  static async open({ commands, folder }: RunContext, setting: Setting): Promise<Scene> {
    const { store: behaviour, core, quota } = setting;
    const store = behaviour === undefined ? undefined : await startStoreStandIn(behaviour.before, await commands.redisPort(setting.server));
    const cgroup = quota === undefined ? undefined : await makeCpuCgroup(quota);
    const startedAt = Date.now();
    try {
      const { argv, env } = await commands.commandOf(setting, store?.port ?? 0);
      const bound = core === undefined ? [] : ['taskset', '-c', String(core)];
      const command = { argv: [...(cgroup?.prefix ?? []), ...bound, ...argv], env };
      const server = await MeasuredServer.start({ name: setting.server, command, size: setting.size, folder });
      return new Scene(setting, server, { startedAt, store, cgroup });
    } catch (error) {
      await store?.stop();
      await cgroup?.remove();
      throw error;
    }
  }

  /** Makes the part of the cause that is not load. @returns what ends it */
  makeCause(): () => Promise<void> {
    const { store, hogs = 0, core = 0 } = this.setting;
    if (store?.during !== undefined) this.#store?.become(store.during);
    const running = startHogs(hogs, core);
    return () => running.stop();
  }

  /** A load of so many seconds at a rate. */
  job(rate: Rate, seconds: number, capacity: number, seed: number): LoadJob {
    const { work } = this.setting;
    const origin = `http://127.0.0.1:${this.server.port}`;
    const mode = 'clients' in rate ? ({ kind: 'closed', clients: rate.clients } as const) : ({ kind: 'open', perSecond: Math.max(1, rate.share * capacity) } as const);
    return { origin, path: '/get-online-features', body: typeof work === 'string' ? null : '{}', shape: typeof work === 'string' ? work : '1x50', mode, seconds, keepAlive: true, timeoutMs, seed };
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.#store?.stop();
    await this.#cgroup?.remove();
  }
}

const loaded = async (job: LoadJob): Promise<LoadResult> => (await startLoad(job)).result;

const capacityOf = async (scene: Scene, seconds: number): Promise<number> => {
  // Interpreters, pools and caches warm up first. A server compiled while it runs is a third faster after three seconds than after one, and a load by its capacity would be less than was meant.
  await loaded(scene.job({ clients: calibrationClients }, 3, 0, 1));
  const result = await loaded(scene.job({ clients: calibrationClients }, seconds, 0, 2));
  return answeredOf(result) / result.seconds;
};

const summary = (result: LoadResult): RecordingHead['before'] => ({
  sent: result.sent, answered: answeredOf(result), p50Ms: result.p50Ms, p95Ms: result.p95Ms, perSecond: rounded(answeredOf(result) / result.seconds), failures: failuresOf(result),
});

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** The law with its memory, which turns the threads of the live server as the operator would. */
class Turned {
  readonly #server: MeasuredServer;
  readonly watch: Watch;
  #memory: unknown = null;

  constructor(server: MeasuredServer, watch: Watch) {
    this.#server = server;
    this.watch = watch;
  }

  /** Evaluates and acts. @returns what the law was given */
  async evaluate(phase: Evaluation['phase']): Promise<Evaluation['input']> {
    const input = this.watch.input();
    const { scale: { threads, processes }, memory } = recommend({ ...input, memory: this.#memory });
    this.#memory = memory;
    // Before the cause the pool stays as the scenario says: a raise then would take the cause away.
    if (phase === 'during' && (threads !== input.windows.current.threads || processes !== input.windows.current.processes)) {
      this.watch.noteSize({ threads, processes });
      await this.#server.resize({ threads, processes });
    }
    return input;
  }
}

/** Evaluates on the spec's beat until the phase is over. */
const evaluateFor = async (turned: Turned, meter: MachineMeter, { phase, seconds, periodMs }: { phase: Evaluation['phase']; seconds: number; periodMs: number }): Promise<Evaluation[]> => {
  const began = performance.now();
  const evaluations: Evaluation[] = [];
  for (let count = 1; count * periodMs <= seconds * 1000; count += 1) {
    await delay(began + count * periodMs - performance.now());
    evaluations.push({ phase, sinceOnsetSeconds: rounded((performance.now() - began) / 1000), ...meter.take(), input: await turned.evaluate(phase) });
  }
  return evaluations;
};

interface Phases {
  readonly capacity: number;
  readonly before: LoadResult;
  readonly during: LoadResult;
  readonly evaluations: readonly Evaluation[];
}

const runPhases = async (scene: Scene, { lengths }: RunContext, seed: number): Promise<Phases> => {
  const { setting, server, startedAt, readyAt } = scene;
  const capacity = await capacityOf(scene, lengths.calibrationSeconds);
  const spec = specOf(setting);
  const watch = new Watch({ adminPort: server.adminPort, size: setting.size, coreLimit: coreLimitOf(setting, cores), spec, startedAt, readyAt, live: { threads: setting.server !== 'gunicorn', processes: true } });
  const turned = new Turned(server, watch);
  const { periodMs } = spec.evaluation;
  const duringSeconds = Math.max(setting.seconds ?? 0, lengths.duringSeconds);
  let endCause = async (): Promise<void> => undefined;
  try {
    const meter = new MachineMeter();
    const quiet = await startLoad(scene.job(setting.load.before ?? quietLoad, lengths.beforeSeconds + 5, capacity, seed));
    const calm = await evaluateFor(turned, meter, { phase: 'before', seconds: lengths.beforeSeconds, periodMs });
    const stopped = quiet.stop();
    const busy = await startLoad(scene.job(setting.load.during, duringSeconds + 5, capacity, seed + 1));
    endCause = scene.makeCause();
    const troubled = await evaluateFor(turned, meter, { phase: 'during', seconds: duringSeconds, periodMs });
    return { capacity, before: await stopped, during: await busy.stop(), evaluations: [...calm, ...troubled] };
  } finally {
    await endCause();
    await watch.stop();
  }
};

/** Answers and p95 of a setting with its cause, without evaluating anything. */
const measureBriefly = async (context: RunContext, setting: Setting): Promise<{ perSecond: number; p95Ms: number | null }> => {
  const scene = await Scene.open(context, setting);
  try {
    await loaded(scene.job({ clients: calibrationClients }, 1, 0, 1));
    const endCause = scene.makeCause();
    try {
      const result = await loaded(scene.job(setting.load.during, context.lengths.removalSeconds, 0, 3));
      return { perSecond: answeredOf(result) / result.seconds, p95Ms: result.p95Ms };
    } finally {
      await endCause();
    }
  } finally {
    await scene.stop();
  }
};

/** Removes each cause of a mix in turn. Its loads are closed loops: what a removal gains shows as answers. */
const measureRemovals = async (context: RunContext, scenario: Scenario): Promise<Removal[]> => {
  const causes = Object.entries(scenario.without ?? {}) as [Removal['cause'], Partial<Setting>][];
  if (causes.length === 0) return [];
  const whole = await measureBriefly(context, scenario);
  const removals: Removal[] = [];
  for (const [cause, change] of causes) {
    const { perSecond, p95Ms } = await measureBriefly(context, { ...scenario, ...change });
    removals.push({ cause, perSecond: rounded(perSecond), p95Ms, gain: Math.round((perSecond / whole.perSecond) * 1000) / 1000 });
  }
  return removals;
};

const mean = (values: readonly number[]): number => Math.round((values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)) * 1000) / 1000;

/** Runs a scenario once. @throws Error when the server does not start; MissingTool */
export const runScenario = async (context: RunContext, scenario: Scenario, seed: number): Promise<Recording> => {
  // What is kept for the whole benchmark must not be bound by the first scenario that asks for it.
  await context.commands.redisPort(scenario.server);
  const takeBack = leaveCore(scenario.core);
  try {
    return await recordScenario(context, scenario, seed);
  } finally {
    takeBack();
  }
};

const recordScenario = async (context: RunContext, scenario: Scenario, seed: number): Promise<Recording> => {
  const removals = await measureRemovals(context, scenario);
  const truth = scenario.truth ?? removals.toSorted((a, b) => b.gain - a.gain)[0]?.cause ?? 'OK';
  const scene = await Scene.open(context, scenario);
  try {
    const { capacity, before, during, evaluations } = await runPhases(scene, context, seed);
    const { name, split, server, truth: _truth, ...setting } = scenario;
    const head: RecordingHead = {
      version: 1, scenario: name, truth, split, server, setting, at: new Date().toISOString(), machine: describeMachine(), capacityPerSecond: rounded(capacity),
      before: summary(before), during: summary(during), removals,
      foreignCores: mean(evaluations.map(({ foreignCores }) => foreignCores)), stealCores: mean(evaluations.map(({ stealCores }) => stealCores)),
    };
    return { head, evaluations };
  } finally {
    await scene.stop();
  }
};
