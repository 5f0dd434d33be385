/**
 * The fleet model beside what was measured, for the scenarios that it can tell: Python servers under a steady load that they can answer.
 *
 * @module
 */
import * as z from 'zod';
import { fixed } from '../../../../src/sim/policies/fixed.ts';
import { parseProfile } from '../../../../src/sim/profile.ts';
import { simulateWithCpu } from '../../../../src/sim/simulate.ts';
import type { Recording } from '../recording.ts';
import { signalsOfRun } from '../signals.ts';
import type { Signals } from '../signals.ts';
import { storeSigma } from '../store/behaviour.ts';
import { short, table } from './markdown.ts';

const seconds = 120;
/** Above this share of the capacity the queue of a short run is not yet that of a long one. */
const highestShare = 0.9;

const behaviour = z.object({ places: z.number().nullable(), serviceMs: z.number() });
/** Only what the model knows; a lock, a pool of connections or another program on the core is none of it. */
const settingSchema = z.object({
  size: z.object({ threads: z.number(), processes: z.number() }),
  work: z.strictObject({ cpu: z.enum(['json', 'python']).optional(), cpuMs: z.number() }),
  store: z.object({ before: behaviour, during: behaviour.optional() }),
  core: z.number().optional(),
  quota: z.number().optional(),
  hogs: z.undefined().optional(),
  load: z.object({ during: z.union([z.object({ share: z.number() }), z.object({ clients: z.number() })]) }),
});
type ModelSetting = z.infer<typeof settingSchema>;

/** A figure as measured and as the model has it, in one unit. */
interface Pair {
  readonly measured: number;
  readonly model: number;
}

interface Beside {
  readonly scenario: string;
  readonly phase: 'before' | 'during';
  readonly perSecond: number;
  readonly p95Ms: Pair;
  readonly cores: Pair;
}

interface Given {
  /** Requests a second, and CPU of one. */
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly store: z.infer<typeof behaviour>;
  /** Of the machine. */
  readonly cores: number;
}

const coreLimit = ({ core, quota }: ModelSetting, cores: number): number => quota ?? (core === undefined ? cores : 1);

const modelOf = (setting: ModelSetting, server: string, { perSecond, cpuMs, store, cores }: Given): { p95Ms: number | null; usedCores: number } => {
  const { size, quota } = setting;
  const profile = parseProfile({
    model: server === 'uvicorn' ? 'eventloop' : 'threads',
    cpuMs,
    ...(server === 'free-threaded' ? { gilMs: 0 } : {}),
    storeMs: { median: store.serviceMs * Math.exp((-storeSigma * storeSigma) / 2), sigma: storeSigma },
    storeConcurrency: store.places,
    coreLimit: coreLimit(setting, cores),
    throttling: quota !== undefined,
    processes: size.processes,
    queueLimit: null,
  });
  return simulateWithCpu({ points: [{ seconds: 0, rate: perSecond }], durationSeconds: seconds, profile, policy: fixed(), objectiveMs: 100, scale: { replicas: 1, ...size }, seed: 1 });
};

const besideOf = ({ head, evaluations }: Recording): Beside[] => {
  const parsed = settingSchema.safeParse(head.setting);
  const { before, during } = signalsOfRun({ head, evaluations });
  if (!parsed.success || before === undefined) return [];
  const { data: setting } = parsed;
  const cores = Number(head.machine['cores']) || 1;
  const row = (phase: Beside['phase'], load: Recording['head']['before'], signals: Signals, store: z.infer<typeof behaviour>): Beside[] => {
    const { p95Ms, usedCores } = modelOf(setting, head.server, { perSecond: load.perSecond, cpuMs: before.cpuMs, store, cores });
    if (load.p95Ms === null || p95Ms === null) return [];
    return [{ scenario: head.scenario, phase, perSecond: load.perSecond, p95Ms: { measured: load.p95Ms, model: p95Ms }, cores: { measured: signals.podCores, model: usedCores } }];
  };
  const { load, store, size } = setting;
  const isSteady = 'share' in load.during && load.during.share <= highestShare && evaluations.at(-1)?.input.windows.current.threads === size.threads;
  return [...row('before', head.before, before, store.before), ...(isSteady && during !== undefined ? row('during', head.during, during, store.during ?? store.before) : [])];
};

const within = (pairs: readonly Pair[], share: number): number => pairs.filter(({ measured, model }) => Math.abs(model / measured - 1) <= share).length;

/** How near the model came, in one sentence. */
const errorOf = (what: string, pairs: readonly Pair[]): string => `Of ${pairs.length} ${what} ${within(pairs, 0.15)} lie within 15 % of the measured one, ${within(pairs, 0.3)} within 30 %.`;

/** The rows with the cause are told apart: before it, the CPU of a request is what the model was given. */
const summary = (all: readonly Beside[]): string => {
  const during = all.filter(({ phase }) => phase === 'during').map(({ cores }) => cores);
  return [
    errorOf('p95s of the model', all.map(({ p95Ms }) => p95Ms)),
    ...(during.length === 0 ? [] : [errorOf('figures of CPU with the cause', during)]),
    'Before the cause the model is given the CPU of a request from the same time, so that its cores agree there where nothing is full.',
  ].join(' ');
};

const cellsOf = ({ measured, model }: Pair): string[] => [short(measured), short(model), short(model / measured)];

/** The table under its summary; empty where no recording can be told by the model. */
export const besideModel = (recordings: readonly Recording[]): string => {
  const all = recordings.flatMap(besideOf);
  if (all.length === 0) return '';
  return [
    'The CPU of a request is that of the time before the cause, the store\'s times are those of the stand-in; nothing is fitted. Only steady loads below nine tenths of the capacity, and no locks or neighbours, which the model leaves out.',
    summary(all),
    table(
      ['scenario', 'phase', 'req/s', 'p95 ms', 'model ms', 'model / measured', 'cores', 'model cores', 'model / measured'],
      all.map(({ scenario, phase, perSecond, p95Ms, cores }) => [scenario, phase, short(perSecond), ...cellsOf(p95Ms), ...cellsOf(cores)]),
    ),
  ].join('\n\n');
};
