/**
 * What limits the fleet: small checks in order, the first match counts. A new cause is one more line in `checks`.
 *
 * @module
 */
import type { BottleneckClass } from '../../api/featureserver-status.ts';
import type { Facts } from './measure.ts';
import { significant } from './numbers.ts';
import { isPoolFull, MOST_BUSY } from './store-evidence.ts';

/** Evidence in words with numbers, or null when the class does not apply. */
export type Check = (facts: Facts) => string | null;

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const cores = (value: number): string => `${significant(value, 2)} core`;
const ms = (seconds: number): string => `${significant(1000 * seconds, 3)} ms`;

/** Share of the CPU that the pod may use: of its limit, or of the one core that each process can use. */
export const cpuShare = (facts: Facts): number => Math.max(facts.limitShare ?? 0, facts.processCores ?? 0);

/** A probe that waits this share of its time for the interpreter means the lock is contended. */
const gilIsContended = (facts: Facts): boolean => facts.gil === 'on' && (facts.gilShare ?? 0) >= 0.3;

/** Throttled *time*: at a limit of one core most periods count as throttled while hardly any time is lost (measured). */
const throttled: Check = (facts) =>
  (facts.throttled ?? 0) > 0.1 ? `the kernel keeps pods from running ${percent(facts.throttled ?? 0)} of the time: the CPU limit is used up` : null;

const loop: Check = (facts) => {
  const { processCores, loopLag, cpuPerRequest } = facts;
  if (facts.model !== 'eventloop' || processCores === null || processCores < 0.85 || gilIsContended(facts)) return null;
  if (loopLag !== null && loopLag < 0.25 * (cpuPerRequest ?? 0)) return null;
  const lag = loopLag === null ? '' : `, its loop lags by ${ms(loopLag)}`;
  return `the busiest process uses ${cores(processCores)}${lag}: one event loop has no more to give`;
};

/** Over the window or at this moment: an overload that begins has hardly moved the mean of a window when its queue already stands. */
const threads: Check = (facts) => {
  const isFullNow = facts.backlog > 0 && facts.busySlotsNow >= MOST_BUSY * facts.slots;
  if (cpuShare(facts) >= 0.7 || !(isFullNow || isPoolFull(facts))) return null;
  const waiting = facts.backlog > 0 ? `${facts.backlog} requests wait` : 'requests wait';
  return `${significant(Math.max(facts.busySlots, facts.busySlotsNow), 3)} of ${facts.slots} slots are busy and ${waiting} for one, while the CPU is at ${percent(cpuShare(facts))}`;
};

const cpu: Check = (facts) =>
  (facts.limitShare ?? 0) >= 0.85 && !gilIsContended(facts) ? `pods use ${percent(facts.limitShare ?? 0)} of their CPU limit` : null;

/** In the order of docs/control-law.md. */
export const checks: readonly (readonly [BottleneckClass, Check])[] = [
  ['THROTTLED', throttled],
  ['LOOP', loop],
  ['THREADS', threads],
  ['CPU', cpu],
];

const advices: Partial<Record<BottleneckClass, string>> = {
  UNKNOWN: 'make the pods answer on their admin port; see the condition MetricsHealthy',
  THROTTLED: 'raise or drop the CPU limit',
  LOOP: 'take blocking work off the event loop, or allow more processes and cores for them',
};

/** What a user could do about a class; empty when Plateau can do it alone. */
export const adviceFor = (found: BottleneckClass): string => advices[found] ?? '';

/** First class whose evidence holds in this one window, OK when none does. */
export const classify = (facts: Facts): BottleneckClass => checks.find(([, check]) => check(facts) !== null)?.[0] ?? 'OK';

/** Evidence for a class in this window; what a lasting class says while its evidence pauses. */
export const evidenceFor = (found: BottleneckClass, facts: Facts): string => {
  const check = checks.find(([name]) => name === found)?.[1];
  const evidence = check?.(facts) ?? null;
  if (evidence !== null) return evidence;
  const use = `CPU at ${percent(cpuShare(facts))}, ${significant(facts.busySlots, 2)} of ${facts.slots} slots busy`;
  return found === 'OK' ? use : `${use}; the evidence for ${found} has not been clear for long enough`;
};

/**
 * The lasting class: entered on three of the last four evaluations, left after four without it. The first class after none
 * or UNKNOWN is taken at once, there is nothing that it could flap from. `history` is oldest first and includes this evaluation.
 */
export const lastingClass = (before: BottleneckClass | null, history: readonly BottleneckClass[]): BottleneckClass => {
  const newest = history.at(-1) ?? 'OK';
  if (before === null || before === 'UNKNOWN') return newest;
  const entered = history.find((one) => history.filter((other) => other === one).length >= 3);
  if (entered !== undefined && entered !== 'OK') return entered;
  const isClear = history.length >= 4 && !history.includes(before);
  return isClear || before === 'OK' ? 'OK' : before;
};
