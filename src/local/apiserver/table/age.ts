/**
 * Ages as kubectl shows them: two units while the first is small, then one.
 *
 * @module
 */
import { textOf } from '../json.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

const two = (ms: number, [big, bigName]: readonly [number, string], [small, smallName]: readonly [number, string]): string => {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)}${bigName}${rest === 0 ? '' : `${rest}${smallName}`}`;
};

/** From which age on which form is used, largest first. */
const forms: readonly (readonly [from: number, show: (ms: number) => string])[] = [
  [8 * year, (ms) => `${Math.floor(ms / year)}y`],
  [2 * year, (ms) => two(ms, [year, 'y'], [day, 'd'])],
  [8 * day, (ms) => `${Math.floor(ms / day)}d`],
  [2 * day, (ms) => two(ms, [day, 'd'], [hour, 'h'])],
  [8 * hour, (ms) => `${Math.floor(ms / hour)}h`],
  [3 * hour, (ms) => two(ms, [hour, 'h'], [minute, 'm'])],
  [10 * minute, (ms) => `${Math.floor(ms / minute)}m`],
  [2 * minute, (ms) => two(ms, [minute, 'm'], [second, 's'])],
  [0, (ms) => `${Math.floor(ms / second)}s`],
];

/** A duration in ms, as `5m30s`. */
export const showDuration = (ms: number): string => {
  if (ms < -second) return '<invalid>';
  const form = forms.find(([from]) => ms >= from);
  return form === undefined ? '0s' : form[1](ms);
};

/** Time from an RFC 3339 text to `now` (ms). */
export const ageOf = (value: unknown, now: number): string => {
  const then = Date.parse(textOf(value));
  return Number.isNaN(then) ? '<unknown>' : showDuration(Math.max(0, now - then));
};
