/**
 * The fleet model beside what was measured, for the scenarios that it can tell: Python servers under a steady load that they can answer.
 *
 * @module
 */
import * as z from 'zod';
import { fixed } from '../../../../src/sim/policies/fixed.ts';
import { parseProfile } from '../../../../src/sim/profile.ts';
import { simulate } from '../../../../src/sim/simulate.ts';
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

interface Beside {
  readonly scenario: string;
  readonly phase: 'before' | 'during';
  readonly perSecond: number;
  readonly p95Ms: number;
  readonly modelP95Ms: number;
  readonly cores: number;
  readonly modelCores: number;
}

const coreLimit = ({ core, quota }: ModelSetting, cores: number): number => quota ?? (core === undefined ? cores : 1);

const modelP95 = (setting: ModelSetting, server: string, { perSecond, cpuMs, store, cores }: { perSecond: number; cpuMs: number; store: z.infer<typeof behaviour>; cores: number }): number | null => {
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
  return simulate({ points: [{ seconds: 0, rate: perSecond }], durationSeconds: seconds, profile, policy: fixed(), objectiveMs: 100, scale: { replicas: 1, ...size }, seed: 1 }).p95Ms;
};

const besideOf = ({ head, evaluations }: Recording): Beside[] => {
  const parsed = settingSchema.safeParse(head.setting);
  const { before, during } = signalsOfRun({ head, evaluations });
  if (!parsed.success || before === undefined) return [];
  const { data: setting } = parsed;
  const cores = Number(head.machine['cores']) || 1;
  const row = (phase: Beside['phase'], load: Recording['head']['before'], signals: Signals, store: z.infer<typeof behaviour>): Beside[] => {
    const modelP95Ms = modelP95(setting, head.server, { perSecond: load.perSecond, cpuMs: before.cpuMs, store, cores });
    if (load.p95Ms === null || modelP95Ms === null) return [];
    return [{ scenario: head.scenario, phase, perSecond: load.perSecond, p95Ms: load.p95Ms, modelP95Ms, cores: signals.podCores, modelCores: (load.perSecond * before.cpuMs) / 1000 }];
  };
  const { load, store, size } = setting;
  const isSteady = 'share' in load.during && load.during.share <= highestShare && evaluations.at(-1)?.input.windows.current.threads === size.threads;
  return [...row('before', head.before, before, store.before), ...(isSteady && during !== undefined ? row('during', head.during, during, store.during ?? store.before) : [])];
};

const within = (values: readonly Beside[], share: number): number => values.filter(({ p95Ms, modelP95Ms }) => Math.abs(modelP95Ms / p95Ms - 1) <= share).length;

/** The table with its summary; empty where no recording can be told by the model. */
export const besideModel = (recordings: readonly Recording[]): string => {
  const all = recordings.flatMap(besideOf);
  if (all.length === 0) return '';
  const rows = all.map(({ scenario, phase, perSecond, p95Ms, modelP95Ms, cores, modelCores }) => [scenario, phase, short(perSecond), short(p95Ms), short(modelP95Ms), short(modelP95Ms / p95Ms), short(cores), short(modelCores)]);
  return [
    'The CPU of a request is that of the time before the cause, the store\'s times are those of the stand-in; nothing is fitted. Only steady loads below nine tenths of the capacity, and no locks or neighbours, which the model leaves out.',
    table(['scenario', 'phase', 'req/s', 'p95 ms', 'model', 'model / measured', 'cores', 'model'], rows),
    `Of ${all.length} p95s of the model ${within(all, 0.15)} lie within 15 % of the measured one, ${within(all, 0.3)} within 30 %.`,
  ].join('\n\n');
};
