/**
 * Truth against finding: the confusion matrix and the F1 of each class.
 *
 * @module
 */
import type { BottleneckClass } from '../../../src/api/featureserver-status.ts';
import { bottleneckClasses } from '../../../src/api/featureserver-status.ts';

export interface Pair {
  readonly truth: BottleneckClass;
  readonly found: BottleneckClass;
}

export interface Confusion {
  /** Classes that are true or found anywhere, in the order of the law. */
  readonly classes: readonly BottleneckClass[];
  /** Runs by truth (row) and finding (column). */
  readonly counts: readonly (readonly number[])[];
  /** By class; null for a class that is never true. */
  readonly f1: Readonly<Partial<Record<BottleneckClass, number>>>;
  /** Mean F1 over the classes that are true somewhere; null without runs. */
  readonly macroF1: number | null;
}

/** Harmonic mean of precision and recall: `2·tp / (2·tp + fp + fn)`. */
const f1Of = (pairs: readonly Pair[], name: BottleneckClass): number => {
  const right = pairs.filter(({ truth, found }) => truth === name && found === name).length;
  const wrong = pairs.filter(({ truth, found }) => (truth === name) !== (found === name)).length;
  return (2 * right) / (2 * right + wrong);
};

/** The matrix of some runs. */
export const confusionOf = (pairs: readonly Pair[]): Confusion => {
  const classes = bottleneckClasses.filter((name) => pairs.some(({ truth, found }) => truth === name || found === name));
  const counts = classes.map((row) => classes.map((column) => pairs.filter(({ truth, found }) => truth === row && found === column).length));
  const scored = classes.filter((name) => pairs.some(({ truth }) => truth === name)).map((name) => [name, f1Of(pairs, name)] as const);
  const macroF1 = scored.length === 0 ? null : scored.reduce((sum, [, value]) => sum + value, 0) / scored.length;
  return { classes, counts, f1: Object.fromEntries(scored), macroF1 };
};
