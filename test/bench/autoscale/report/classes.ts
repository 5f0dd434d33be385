/**
 * On how many lines of a table the target is met, and what keeps it from the others.
 *
 * @module
 */
import { measureNames, measures } from './measures.ts';
import type { MeasureName } from './measures.ts';
import { MOST_REVERSALS, POINTS, holds, violationsOf } from './pairing.ts';
import type { Compared, Goal } from './pairing.ts';
import { signed } from './text.ts';

const kinds = {
  met: 'target met',
  pods: 'with no more violations but more pods than allowed',
  reversals: 'with no more violations and few enough pods but too many reversals',
  unclearFewer: 'with unclear violations and at most as many pods',
  unclearMore: 'with unclear violations and more pods',
  fewer: 'with more violations and at most as many pods',
  both: 'with more of both',
} as const;

export type Kind = keyof typeof kinds;

/** Every line is of one kind. */
export const kindOf = (found: Compared, goal: Goal): Kind => {
  if (holds(found, goal)) return 'met';
  const violations = violationsOf(found);
  const { mean: pods } = found.podHours;
  if (violations === 'no more') return pods > goal.mostPods ? 'pods' : 'reversals';
  if (violations === 'unclear') return pods > 0 ? 'unclearMore' : 'unclearFewer';
  return pods > 0 ? 'both' : 'fewer';
};

/** The mean of the middle two of an even count; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [below = Number.NaN, above = Number.NaN] = [sorted[sorted.length % 2 === 0 ? half - 1 : half], sorted[half]];
  return (below + above) / 2;
};

const medianText = (lines: readonly Compared[]): string =>
  `medians: pod-hours ${signed(median(lines.map(({ podHours }) => podHours.mean)), 1)} %, violations ${signed(median(lines.map(({ violations }) => violations.mean)), 2)} points`;

const kindText = (kind: Kind, lines: readonly Compared[], goal: Goal): string[] => {
  const own = lines.filter((found) => kindOf(found, goal) === kind);
  return own.length === 0 ? [] : [`${own.length} ${kinds[kind]} (${medianText(own)})`];
};

const missed: readonly Kind[] = ['pods', 'reversals', 'unclearFewer', 'unclearMore', 'fewer', 'both'];

/** Lines by kind, in words. */
export const kindsText = (lines: readonly Compared[], goal: Goal): string => {
  const met = lines.filter((found) => holds(found, goal));
  const others = missed.flatMap((kind) => kindText(kind, lines, goal));
  const target = `Target: ${goal.pods}, no more violations (the interval's upper bound at most ${POINTS} points; unclear where the interval holds that, more where all of it is above), at most ${MOST_REVERSALS} reversals in a run.`;
  const found = `Target met on ${met.length} of ${lines.length} lines${met.length === 0 ? '' : ` (${medianText(met)})`}.`;
  return [target, found, ...(others.length === 0 ? [] : [`The others: ${others.join('; ')}.`])].join(' ');
};

const counts = (lines: readonly Compared[], name: MeasureName): string => {
  const below = lines.filter((found) => found[name].high < 0).length;
  const above = lines.filter((found) => found[name].low > 0).length;
  return `${measures[name].head.replace(', %', '')} ${below} / ${lines.length - below - above} / ${above}`;
};

/** On how many lines each difference is told from zero. */
export const signsText = (lines: readonly Compared[]): string => `Lines whose interval is below zero (Plateau has less) / holds zero / is above it: ${measureNames.map((name) => counts(lines, name)).join('; ')}.`;
