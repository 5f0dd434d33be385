/**
 * What is compared: profiles, traces, and the settings that each peer is searched over.
 *
 * @module
 */

export interface Row {
  readonly name: string;
  /** A fixture of test/fixtures/traces. */
  readonly trace: string;
  readonly profile: Record<string, unknown>;
  readonly objective: string;
  readonly durationSeconds: number;
  /** Factor on the rates of the trace. */
  readonly scale: number;
  /** Most processes of a pod; the cores of the limit when absent. */
  readonly mostProcesses?: number | undefined;
}

/** `quick`: one trace, a quarter of an hour. `full`: four traces, an hour each, at one, one and a half and ten times their rate. */
export type Size = 'quick' | 'default' | 'full';

const threads = { model: 'threads', storeMs: { median: 10, sigma: 0.5 } } as const;

interface Fleet {
  readonly objective: string;
  /** `half`: the middle of the run, seconds. */
  readonly profile: (half: number) => Record<string, unknown>;
  readonly mostProcesses?: number;
}

const fleets: Readonly<Record<string, Fleet>> = {
  // One process for everybody, as with waitress: the lock is the ceiling, and CPU reads a quarter of the limit.
  'gil, 4 cores': { objective: '150ms', profile: () => ({ ...threads, cpuMs: 20, coreLimit: 4 }), mostProcesses: 1 },
  // With a limit of one core the same server is short of CPU, which any autoscaler on CPU sees.
  'gil, 1 core': { objective: '150ms', profile: () => ({ ...threads, cpuMs: 20 }) },
  io: { objective: '150ms', profile: () => ({ ...threads, cpuMs: 4, storeMs: { median: 40, sigma: 0.5 } }) },
  loop: { objective: '100ms', profile: () => ({ ...threads, model: 'eventloop', cpuMs: 10 }) },
  throttled: { objective: '200ms', profile: () => ({ ...threads, cpuMs: 10, coreLimit: 0.5 }) },
  store: { objective: '150ms', profile: () => ({ ...threads, cpuMs: 5, storeMs: { median: 30, sigma: 0.3 }, storeConcurrency: 6 }) },
  'store 3x slower': { objective: '150ms', profile: (half) => ({ ...threads, cpuMs: 10, changes: [{ atSeconds: half, storeMs: { median: 30, sigma: 0.5 } }] }) },
  'deploy 2x CPU': { objective: '150ms', profile: (half) => ({ ...threads, cpuMs: 10, changes: [{ atSeconds: half, cpuMs: 20, template: 'b' }] }) },
  'mix 1x50 to 100x50': { objective: '200ms', profile: (half) => ({ ...threads, cpuMs: 1.2, changes: [{ atSeconds: half, cpuMs: 30 }] }) },
};

interface Slice {
  readonly traces: readonly string[];
  readonly durationSeconds: number;
  readonly scales: readonly number[];
}

const slices: Readonly<Record<Size, Slice>> = {
  quick: { traces: ['autothrottle_bursty'], durationSeconds: 900, scales: [1] },
  default: { traces: ['autothrottle_bursty', 'autothrottle_diurnal'], durationSeconds: 1800, scales: [1] },
  full: { traces: ['autothrottle_bursty', 'autothrottle_diurnal', 'autothrottle_noisy', 'servegen_m_large_600s'], durationSeconds: 3600, scales: [1, 1.5, 10] },
};

const nameOf = (fleet: string, trace: string, scale: number): string => `${fleet}, ${trace.replace('autothrottle_', '').replace(/^servegen.*/u, 'servegen')}${scale === 1 ? '' : ` ×${scale}`}`;

/** A store that serves so many at once has to serve more of a larger load, or nothing could. */
const scaled = (profile: Record<string, unknown>, scale: number): Record<string, unknown> =>
  typeof profile['storeConcurrency'] === 'number' ? { ...profile, storeConcurrency: Math.ceil(profile['storeConcurrency'] * scale) } : profile;

/** One row for each profile, trace and scale. */
export const rows = (size: Size): Row[] => {
  const { traces, durationSeconds, scales } = slices[size];
  return Object.entries(fleets).flatMap(([name, { profile, objective, mostProcesses }]) =>
    scales.flatMap((scale) => traces.map((trace) => ({ name: nameOf(name, trace, scale), trace, profile: scaled(profile(durationSeconds / 2), scale), objective, durationSeconds, scale, mostProcesses }))),
  );
};

/** Flags of `plateau simulate` beyond the row's own. */
export type Setting = readonly string[];

/** Every run starts with so many pods and may have so many. */
export const common = ({ scale }: Row): Setting => ['--replicas', String(Math.ceil(6 * scale)), '--min', '1', '--max', String(Math.ceil(60 * scale))];

/** Untuned: the API's own defaults. */
export const plateauSetting: Setting = ['--policy', 'plateau', '--threads', '8'];

const targets: Readonly<Record<string, (quick: boolean) => string[][]>> = {
  'hpa-cpu': (quick) => (quick ? ['15', '50', '70'] : ['12', '16', '20', '40', '50', '60', '70', '80']).map((target) => ['--cpu-target', target]),
  'hpa-p95': (quick) => (quick ? ['1'] : ['0.5', '0.7', '0.85', '1']).map((share) => ['--p95-target', share]),
  'keda-rps': (quick) => (quick ? ['25', '40'] : ['15', '20', '25', '30', '40', '60', '80', '120']).map((target) => ['--rps-target', target]),
  kpa: (quick) => (quick ? ['2'] : ['1', '2', '3', '5', '8']).map((target) => ['--concurrency-target', target]),
  // Pods for a trace at its own rate.
  static: (quick) => (quick ? ['6', '8'] : ['3', '5', '7', '9', '12', '16']).map((replicas) => ['--replicas', replicas]),
};

export const peers = Object.keys(targets);

/** All settings of a peer: its targets by static thread counts. The p95 target is a share of the row's objective. */
export const settingsOf = (peer: string, quick: boolean): Setting[] =>
  (targets[peer]?.(quick) ?? []).flatMap((target) => (quick ? ['2', '4', '16'] : ['1', '2', '4', '8', '16', '32']).map((count) => ['--policy', peer, '--threads', count, ...target]));
