/**
 * The live view: a few lines that are drawn anew each second.
 *
 * @module
 */
import { clock, decisionSentence, milliseconds, stateLine, trouble } from './fleet-view.ts';
import type { FleetView } from './fleet-view.ts';
import { sparkline } from './sparkline.ts';

export interface ScreenOptions {
  readonly columns: number;
  readonly colour: boolean;
  /** Lines shown below the fleets. */
  readonly footer: readonly string[];
}

const shownDecisions = 5;
const historySeconds = 60;
/** Room that the words beside a sparkline take. */
const labelWidth = 30;

type Paint = (text: string) => string;
const codes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;
const painter = (colour: boolean) => (style: keyof typeof codes): Paint => (text) => (colour ? `\u001B[${codes[style]}m${text}\u001B[0m` : text);

/** Cut to the width, since a line that wraps would spoil the redrawing. Colours come after. */
const cut = (text: string, columns: number): string => {
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
};

/** The lines of the whole view. */
export const screenLines = (fleets: readonly FleetView[], { columns, colour, footer }: ScreenOptions): string[] => {
  const paint = painter(colour);
  const lines = fleets.flatMap((fleet) => fleetLines(fleet, columns, paint));
  return [...lines, ...footer.map((line) => paint('dim')(cut(line, columns)))];
};

const fleetLines = (fleet: FleetView, columns: number, paint: ReturnType<typeof painter>): string[] => {
  const { facts } = fleet;
  const problem = trouble(facts);
  return [
    paint('bold')(cut(facts.key, columns)),
    cut(`  ${stateLine(fleet)}`, columns),
    ...charts(fleet, columns, paint),
    ...(facts.evidence === '' ? [] : [paint('dim')(cut(`  why ${facts.class}: ${facts.evidence}`, columns))]),
    ...(problem === undefined ? [] : [paint('red')(cut(`  ${problem}`, columns))]),
    ...fleet.decisions.slice(-shownDecisions).map(({ t, decision }) => cut(`  ${clock(t)}  ${decisionSentence(decision)}`, columns)),
    '',
  ];
};

const charts = ({ facts, seconds }: FleetView, columns: number, paint: ReturnType<typeof painter>): string[] => {
  const width = Math.max(0, Math.min(historySeconds, columns - labelWidth));
  if (width === 0) return [];
  const shown = seconds.slice(-width);
  const rates = shown.map(({ sent }) => sent);
  const top = Math.max(1, ...rates);
  const last = shown.at(-1)?.p95Ms ?? null;
  const over = last !== null && last > facts.objectiveMs;
  return [
    `  rate ${sparkline(rates, top).padEnd(width)} up to ${Math.round(top)} req/s`,
    // Full height is twice the objective, so that the middle of the row is the objective.
    paint(over ? 'red' : 'green')(`  p95  ${sparkline(shown.map(({ p95Ms }) => p95Ms), facts.objectiveMs * 2).padEnd(width)} ${milliseconds(last)} of ${milliseconds(facts.objectiveMs)}`),
  ];
};
