/**
 * Signals that more than one class looks at, with the thresholds that the bench of causes was trained on.
 *
 * @module
 */
import type { Facts } from '../measure.ts';

/** From this share of a core on a process has no more to give. */
export const FULL_CORE = 0.85;
/** Below this share of its CPU a pod is not limited by it. */
export const IDLE_CPU = 0.7;
/** Above this share of throttled time the kernel is what pods wait for. */
export const THROTTLED_TIME = 0.1;
/** A wait has to be this share of a service to be its cause. */
export const LARGE_SHARE = 0.3;
/**
 * Threads that wait for the interpreter on average. At 60 % of a core there are 0.5 of them, whatever the size of the pool; at the plateau 2.3 of 4
 * and 9 of 16 (measured).
 */
const GIL_WAITING = 1;
/** Share of its time that a probe waits for the interpreter: 0.07 at 60 % of a core, 0.2 at the plateau of four threads, 0.4 of sixteen (measured). */
const GIL_PROBE = 0.15;

/** Share of the CPU that the pod may use: of its limit, or of the one core that each process can use. */
export const cpuShare = (facts: Facts): number => Math.max(facts.limitShare ?? 0, facts.processCores ?? 0);

/**
 * Where the kernel tells how many threads wait, it is believed: a probe reads low on a machine that others starve, and high on an event loop, which
 * holds the interpreter while it works although nobody but the probe waits for it (0.2 to 0.28, measured).
 */
export const gilIsContended = ({ gil, gilWaiting, gilShare }: Facts): boolean =>
  gil === 'on' && (gilWaiting === null ? (gilShare ?? 0) >= GIL_PROBE : gilWaiting >= GIL_WAITING);

/** More than this of a core in one process is work beside the interpreter lock. */
export const MOST_UNDER_LOCK = 1.15;

/** Seconds that runnable threads waited for a core for each second that they had one; null where the kernel does not tell. */
export const waitPerCpuSecond = ({ runqueueWait, cpuPerRequest }: Facts): number | null =>
  runqueueWait === null || cpuPerRequest === null || cpuPerRequest <= 0 ? null : runqueueWait / cpuPerRequest;

/** Cores that the busiest process would use if it got one whenever it is ready to run; null where the kernel does not tell. */
export const coresAskedFor = (facts: Facts): number | null => {
  const wait = waitPerCpuSecond(facts);
  return wait === null || facts.processCores === null ? null : facts.processCores * (1 + wait);
};

/** An event loop that lags by less than this share of a request's CPU time is busy and keeps up. */
const LAG = 0.25;

/** Whether requests wait for their loop; a server that tells no lag is none that keeps up. */
export const loopKeepsUp = ({ loopLag, cpuPerRequest }: Facts): boolean => loopLag !== null && loopLag < LAG * (cpuPerRequest ?? 0);

/** What waits for its loop looks like a lock from outside, from the first second of an overload on. */
const loopIsBehind = (facts: Facts): boolean => facts.model === 'eventloop' && facts.loopLag !== null && !loopKeepsUp(facts);

/** Neither the kernel nor the interpreter lock keeps threads from running. */
const runsFreely = (facts: Facts): boolean => (facts.throttled ?? 0) <= THROTTLED_TIME && !gilIsContended(facts);

/** A CPU that is idle, and no wait for one that could pass for another cause. */
export const hasIdleCpu = (facts: Facts): boolean => cpuShare(facts) < IDLE_CPU && runsFreely(facts) && !loopIsBehind(facts);

/** A CPU that has something left: enough where pools of two sizes are compared, since with more slots a CPU that is the limit would be full. */
export const hasCpuLeft = (facts: Facts): boolean => cpuShare(facts) < FULL_CORE && runsFreely(facts);
