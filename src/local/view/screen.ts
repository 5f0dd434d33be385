/**
 * The live view: a few lines that are drawn anew each second.
 *
 * @module
 */
import { clock, decisionSentence, milliseconds, sizeWords, trouble, unreachable } from './fleet-view.ts';
import type { FleetView } from './fleet-view.ts';
import { sparkline } from './sparkline.ts';
import { cut, wrap } from './wrap.ts';

export interface ScreenOptions {
  readonly columns: number;
  /** Lines of the terminal: what is drawn must fit, or it cannot be drawn over. */
  readonly rows: number;
  readonly colour: boolean;
  /** Lines shown below the fleets. */
  readonly footer: readonly string[];
}

const shownDecisions = 5;
const historySeconds = 60;
/** Room that the words beside a sparkline take. */
const labelWidth = 34;
/** `  limit: ` and the like; what follows a line that was wrapped stands below the text. */
const textIndent = 9;

type Paint = (text: string) => string;
const codes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;
const painter = (colour: boolean) => (style: keyof typeof codes): Paint => (text) => (colour ? `\u001B[${codes[style]}m${text}\u001B[0m` : text);
type Painter = ReturnType<typeof painter>;

/** The lines of the whole view; of more than fit, the state comes before the decisions, and new decisions before old ones. */
export const screenLines = (fleets: readonly FleetView[], { columns, rows, colour, footer }: ScreenOptions): string[] => {
  const paint = painter(colour);
  const below = footer.map((line) => paint('dim')(cut(line, columns)));
  const states = fleets.map((fleet) => stateLines(fleet, columns, paint));
  // A blank line closes each fleet, and the cursor needs one of its own.
  let room = rows - 1 - below.length - states.reduce((sum, lines) => sum + lines.length + 1, 0);
  const lines = fleets.flatMap((fleet, index) => {
    const decisions = newestThatFit(fleet, columns, room);
    room -= decisions.length;
    return [...(states[index] ?? []), ...decisions, ''];
  });
  return [...lines.slice(0, Math.max(0, rows - 1 - below.length)), ...below];
};

const stateLines = (fleet: FleetView, columns: number, paint: Painter): string[] => {
  const { facts } = fleet;
  const problem = trouble(facts) ?? unreachable(facts);
  const limit = facts.evidence === '' ? facts.class : `${facts.class} — ${facts.evidence}`;
  return [
    paint('bold')(cut(facts.key, columns)),
    cut(`  ${sizeWords(fleet).join('  ')}`, columns),
    ...charts(fleet, columns, paint),
    ...wrap(`  limit: ${limit}`, columns, textIndent).map(facts.class === 'OK' ? paint('dim') : paint('yellow')),
    ...(problem === undefined ? [] : wrap(`  ${problem}`, columns, 4).map(paint('red'))),
  ];
};

const newestThatFit = ({ decisions }: FleetView, columns: number, room: number): string[] => {
  const lines: string[] = [];
  for (const { t, decision } of decisions.slice(-shownDecisions).toReversed()) {
    const more = wrap(`  ${clock(t)}  ${decisionSentence(decision)}`, columns, textIndent + 1);
    // Of the newest a part is better than nothing.
    if (lines.length + more.length > room) return lines.length > 0 ? lines : more.slice(0, Math.max(0, room));
    lines.unshift(...more);
  }
  return lines;
};

const charts = ({ facts, seconds }: FleetView, columns: number, paint: Painter): string[] => {
  const width = Math.max(0, Math.min(historySeconds, columns - labelWidth));
  const shown = seconds.slice(-Math.max(1, width));
  const rates = shown.map(({ sent }) => sent);
  const top = Math.max(1, ...rates);
  const last = shown.at(-1);
  const p95 = last?.p95Ms ?? null;
  const failed = last === undefined || last.failed === 0 ? '' : `, ${last.failed} failed`;
  const bars = (values: readonly (number | null)[], full: number): string => (width === 0 ? '' : `${sparkline(values.slice(-width), full).padEnd(width)} `);
  return [
    (failed === '' ? (text: string) => text : paint('red'))(cut(`  rate ${bars(rates, top)}${last?.sent ?? 0} req/s${failed}`, columns)),
    // Full height is twice the objective, so that the middle of the row is the objective.
    paint(p95 !== null && p95 > facts.objectiveMs ? 'red' : 'green')(
      cut(`  p95  ${bars(shown.map(({ p95Ms }) => p95Ms), facts.objectiveMs * 2)}${milliseconds(p95)} of ${milliseconds(facts.objectiveMs)}`, columns),
    ),
  ];
};
