import { describe, expect, it } from '@jest/globals';
import { reachableClasses, rules } from '../../../src/core/autoscale/classes/index.ts';
import { measure } from '../../../src/core/autoscale/measure.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { PodSample } from '../../../src/core/autoscale/types.ts';
import type { PodLoad } from './support/fleet.ts';
import { fleet, input, pod, pods, spec, start } from './support/fleet.ts';

const seconds = 15;

/** A Python pod as it was measured on two cores (CPython 3.11, store of 4 ms): per second what the table of signals says. */
interface Measured {
  rate: number;
  threads: number;
  cores: number;
  /** Threads in a timed futex, share of the probe's time spent waiting, run-queue wait for each CPU second, throttled seconds a second. */
  gilWaiting: number;
  probe: number;
  waitPerCpu: number;
  throttled?: number;
  limit?: number | null;
  queueDepth?: number;
  more?: Partial<PodSample>;
}

const python = ({ rate, threads, cores, gilWaiting, probe, waitPerCpu, throttled = 0, limit = 4, queueDepth = 0, more = {} }: Measured): PodLoad => ({
  rate,
  threads,
  cpu: cores / rate,
  store: 0.004,
  cores: limit,
  sample: {
    model: 'threads',
    knob: 'threads',
    gil: 'on',
    gilWaitingThreadSeconds: gilWaiting * seconds,
    gilWaitSeconds: probe * seconds,
    gilProbeSeconds: seconds,
    runqueueWaitSeconds: waitPerCpu * cores * seconds,
    throttledSeconds: throttled * seconds,
    cpuSeconds: cores * seconds,
    busiestProcessCpuSeconds: cores * seconds,
    loopLagSeconds: null,
    ...(queueDepth > 0 ? { queueDepth, inflight: queueDepth + threads } : {}),
    ...more,
  },
});

const classOf = (load: PodLoad) => recommend(input(fleet({ replicas: 1, threads: load.threads ?? 8, processes: load.processes ?? 1 }, [pod('one', load)])));

describe('classes of pods as they were measured', () => {
  it.each<[string, string, Measured]>([
    ['healthy, 4 threads', 'OK', { rate: 130, threads: 4, cores: 0.62, gilWaiting: 0.6, probe: 0.065, waitPerCpu: 0.47 }],
    ['healthy, 16 threads', 'OK', { rate: 130, threads: 16, cores: 0.59, gilWaiting: 0.5, probe: 0.057, waitPerCpu: 0.38 }],
    ['GIL, 4 threads', 'GIL', { rate: 213, threads: 4, cores: 0.98, gilWaiting: 2.3, probe: 0.2, waitPerCpu: 0.44 }],
    ['GIL, 16 threads', 'GIL', { rate: 209, threads: 16, cores: 0.99, gilWaiting: 9.3, probe: 0.41, waitPerCpu: 0.59 }],
    ['GIL, 32 threads', 'GIL', { rate: 197, threads: 32, cores: 1.01, gilWaiting: 20.2, probe: 0.63, waitPerCpu: 1.19 }],
    ['GIL without a limit', 'GIL', { rate: 209, threads: 16, cores: 0.99, gilWaiting: 9.3, probe: 0.41, waitPerCpu: 0.59, limit: null }],
    ['the same at a limit of one core: no core is idle, another process would gain nothing', 'CPU', { rate: 212, threads: 16, cores: 0.97, gilWaiting: 9.8, probe: 0.44, waitPerCpu: 0.8, throttled: 0.03, limit: 1 }],
    ['throttled at half a core', 'THROTTLED', { rate: 105, threads: 4, cores: 0.5, gilWaiting: 1.9, probe: 0.4, waitPerCpu: 5, throttled: 0.7, limit: 0.5 }],
    ['throttled at 0.7 of a core', 'THROTTLED', { rate: 134, threads: 4, cores: 0.62, gilWaiting: 0.9, probe: 0.1, waitPerCpu: 0.93, throttled: 0.12, limit: 0.7 }],
    ['an event loop in Python, which nobody but the probe waits for', 'LOOP', { rate: 195, threads: 32, cores: 1, gilWaiting: 0, probe: 0.28, waitPerCpu: 0, limit: 2, more: { model: 'eventloop', knob: 'inflight', loopLagSeconds: 0.66 * seconds } }],
    ['native code beside the lock, on the core and a half that it gets', 'OK', { rate: 205, threads: 8, cores: 1.65, gilWaiting: 2, probe: 0.02, waitPerCpu: 1.2, limit: 4 }],
    ['a neighbour of an event loop, whose requests wait in its own thread', 'STEAL', { rate: 96, threads: 32, cores: 0.5, gilWaiting: 0, probe: 0.11, waitPerCpu: 1, limit: null, queueDepth: 90, more: { model: 'eventloop', knob: 'inflight', loopLagSeconds: 3 * seconds } }],
    ['two neighbours of a Go server', 'STEAL', { rate: 165, threads: 32, cores: 0.33, gilWaiting: 0, probe: 0, waitPerCpu: 2.6, limit: null, queueDepth: 90, more: { model: 'processes', gil: 'none' } }],
    ['a Go server with two cores’ worth of work at a limit of one', 'THROTTLED', { rate: 450, threads: 32, cores: 0.98, gilWaiting: 0, probe: 0, waitPerCpu: 1.3, throttled: 0.04, limit: 1, more: { model: 'processes', gil: 'none', processes: 2 } }],
    ['a neighbour on the same core', 'STEAL', { rate: 115, threads: 4, cores: 0.52, gilWaiting: 0.8, probe: 0.16, waitPerCpu: 5.6, limit: null, queueDepth: 30 }],
  ])('%s: %s', (_name, found, measured) => {
    const answer = classOf(python(measured));
    expect(answer.class).toBe(found);
    expect(answer.evidence).not.toBe('');
    if (found !== 'OK' && found !== 'CPU') expect(answer.advice).not.toBe('');
  });

  it('calls event loops on all cores of their limit CPU, and one that leaves some idle LOOP', () => {
    const busy: PodLoad = { rate: 940, cpu: 0.002, threads: 32, processes: 2, cores: 2 };
    expect(classOf(busy).class).toBe('CPU');
    expect(classOf({ ...busy, cores: 3 }).class).toBe('LOOP');
  });

  it('calls free threads on all their cores CPU, however long they wait for one', () => {
    const load = python({ rate: 337, threads: 16, cores: 1.79, gilWaiting: 0, probe: 0, waitPerCpu: 5, limit: 2 });
    expect(classOf({ ...load, sample: { ...load.sample, gil: 'off', gilWaitingThreadSeconds: null, gilWaitSeconds: null, gilProbeSeconds: null } }).class).toBe('CPU');
  });

  it('cannot tell free threads in each other’s way from a neighbour where the node’s size is unknown', () => {
    const load = python({ rate: 337, threads: 16, cores: 1.4, gilWaiting: 0, probe: 0, waitPerCpu: 5, limit: null });
    expect(classOf({ ...load, sample: { ...load.sample, gil: 'off' } }).class).not.toBe('STEAL');
  });
});

describe('advice in numbers', () => {
  it('says what one more process would bring', () => {
    const load = python({ rate: 209, threads: 16, cores: 0.99, gilWaiting: 9.3, probe: 0.41, waitPerCpu: 0.59 });
    const { advice } = recommend(input(fleet({ replicas: 4, threads: 16, processes: 1 }, pods(4, load)), { spec: spec({ objectiveMs: 60 }) }));
    expect(advice).toMatch(/^a process of this server ends at 211 requests\/s, 4\.74 ms of CPU each: serve it with several processes \(waitress has one; server\.python\.server: gunicorn\): with one more process, \d+ → \d+ pods; orjson/u);
  });

  it('says what twice the limit would bring', () => {
    const load = python({ rate: 105, threads: 4, cores: 0.5, gilWaiting: 1.9, probe: 0.4, waitPerCpu: 5, throttled: 0.7, limit: 0.5 });
    const { advice } = recommend(input(fleet({ replicas: 2, threads: 4, processes: 1 }, pods(2, load)), { spec: spec({ objectiveMs: 60 }) }));
    expect(advice).toMatch(/^raise or drop the CPU limit: with a limit of 1, \d+ → \d+ pods$/u);
  });
});

describe('what a server has to report', () => {
  const reachable = (load: PodLoad) => reachableClasses(measure(fleet({ replicas: 1, threads: 8, processes: 1 }, [pod('one', load)]), spec(), start, null));

  it('is everything for the pool package under a limit', () => {
    const measured = python({ rate: 130, threads: 4, cores: 0.62, gilWaiting: 0.6, probe: 0.065, waitPerCpu: 0.47 });
    expect(reachable(measured)).toEqual(rules.map(({ name }) => name).filter((name) => name !== 'LOOP'));
  });

  it('is little for a server that counts requests and CPU, without a limit', () => {
    expect(reachable({ rate: 100, cores: null, sample: { model: 'threads', throttledSeconds: null, loopLagSeconds: null } })).toEqual(['STORE', 'LOCK', 'THREADS']);
  });
});
