/**
 * What limits the fleet: small rules in order, the first match counts. A new cause is one more file and one more line in `rules`.
 *
 * @module
 */
import type { BottleneckClass } from '../../../api/featureserver-status.ts';
import type { Facts } from '../measure.ts';
import { reasons } from '../reasons.ts';
import { significant } from '../numbers.ts';
import type { Situation } from '../situation.ts';
import { cpu } from './cpu.ts';
import { gil } from './gil.ts';
import { lock } from './lock.ts';
import { loop } from './loop.ts';
import type { Rule, Seen } from './rule.ts';
import { cpuShare } from './signals.ts';
import { steal } from './steal.ts';
import { store } from './store.ts';
import { threads } from './threads.ts';
import { throttled } from './throttled.ts';
import { percent } from './words.ts';

export type { Seen } from './rule.ts';

/** In the order of docs/control-law.md. */
export const rules: readonly Rule[] = [steal, throttled, cpu, gil, loop, store, lock, threads];

const ruleOf = (found: BottleneckClass): Rule | undefined => rules.find(({ name }) => name === found);

const adviceForGap = ({ gap }: Situation): string =>
  gap?.reason === reasons.metricsContradict ? 'the pods answer with numbers that cannot be: see the evidence, and try the server with plateau conformance' : 'make the pods answer on their admin port; see the condition MetricsHealthy';

/** What a user could do about a class; empty when Plateau can do it alone. */
export const adviceFor = (found: BottleneckClass, situation: Situation): string =>
  found === 'UNKNOWN' ? adviceForGap(situation) : (ruleOf(found)?.advice?.(situation) ?? '');

/** First class whose evidence holds in this one window, OK when none does. */
export const classify = (seen: Seen): BottleneckClass => rules.find(({ evidence }) => evidence(seen) !== null)?.name ?? 'OK';

/** Classes that this server reports enough for; the others cannot be named. */
export const reachableClasses = (facts: Facts): BottleneckClass[] => rules.filter(({ isReachable }) => isReachable(facts)).map(({ name }) => name);

/** Evidence for a class in this window; what a lasting class says while its evidence pauses. */
export const evidenceFor = (found: BottleneckClass, seen: Seen): string => {
  const evidence = ruleOf(found)?.evidence(seen) ?? null;
  if (evidence !== null) return evidence;
  const { facts } = seen;
  const use = `CPU at ${percent(cpuShare(facts))}, ${significant(facts.busySlots, 2)} of ${facts.slots} slots busy`;
  return found === 'OK' ? use : `${use}: no sign of ${found} in this window; it is named until four in a row have none`;
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
