/**
 * Settings between those of the coarse search. A peer whose grid has no setting that violates just as much as Plateau would be compared by one that costs far more.
 *
 * @module
 */
import type { Setting } from './suite.ts';

/** Targets that are whole numbers. */
const whole = new Set(['--replicas', '--cpu-target']);

const flagOf = (setting: Setting): string => setting.at(-2) ?? '';
const targetOf = (setting: Setting): number => Number(setting.at(-1));
const withoutTarget = (setting: Setting): string => setting.slice(0, -1).join(' ');

const between = (flag: string, one: number, other: number): number | null => {
  const middle = (one + other) / 2;
  const target = whole.has(flag) ? Math.round(middle) : Number(middle.toPrecision(4));
  return target === one || target === other ? null : target;
};

/** The settings halfway from one to its neighbours, of the same policy and threads, among `known`. The target is a setting's last word. */
export const neighbours = (setting: Setting, known: readonly Setting[]): Setting[] => {
  const targets = known.filter((other) => withoutTarget(other) === withoutTarget(setting)).map(targetOf).toSorted((a, b) => a - b);
  const own = targetOf(setting);
  const below = targets.findLast((target) => target < own);
  const above = targets.find((target) => target > own);
  const middles = [below, above].flatMap((target) => (target === undefined ? [] : [between(flagOf(setting), own, target)])).filter((target) => target !== null);
  return middles.map((target) => [...setting.slice(0, -1), String(target)]);
};
