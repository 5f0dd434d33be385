/**
 * The two tables, as Markdown.
 *
 * @module
 */
import { table } from '../../causes/report/markdown.ts';
import type { Sum } from '../sums.ts';
import { kindsText, signsText } from './classes.ts';
import { measureNames, measures } from './measures.ts';
import type { MeasureName } from './measures.ts';
import { compared, holds } from './pairing.ts';
import type { Compared, Goal, Pairing } from './pairing.ts';
import { intervalText } from './text.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** `plateau / peer, difference [low, high]`. */
export const cell = ({ plateau, other }: Pairing, found: Compared, name: MeasureName): string => {
  const { value, digits, isRelative } = measures[name];
  const own = (sums: readonly Sum[]): string => mean(sums.map(value)).toFixed(digits[0]);
  return `${own(plateau)} / ${own(other)}, ${intervalText(found[name], digits[1], isRelative ? ' %' : '')}`;
};

const line = (pairing: Pairing, goal: Goal): string[] => {
  const found = compared(pairing);
  const cells = measureNames.map((name) => cell(pairing, found, name));
  return [pairing.row, pairing.peer, pairing.setting.slice(2).join(' '), ...cells, found.mostReversals.join(' / '), holds(found, goal) ? 'yes' : 'no'];
};

const head = ['row', 'peer', 'its setting', ...measureNames.map((name) => measures[name].head), 'most reversals', 'target met'];

/** How to read the cells. */
export const legend =
  "A cell: Plateau / peer, means of the seeds; then the difference, Plateau less peer, a mean of the seeds' own differences with its 95 % confidence interval: percentage points, minutes, percent of the peer's, percent, and a count. Most reversals are those of any single run. A p95 target is a share of the row's objective; pods of `static` are those for a load at its own rate. The intervals speak of other seeds on the same traces and profiles. Pod-hours are held against the target by their mean, violations by a bound; of so many intervals some leave zero by chance.";

/** A table with its title and what it says in all. */
export const markdown = (pairings: readonly Pairing[], goal: Goal): string => {
  const lines = pairings.map(compared);
  return [`## ${goal.title}`, table(head, pairings.map((pairing) => line(pairing, goal))), kindsText(lines, goal), signsText(lines)].join('\n\n') + '\n';
};
