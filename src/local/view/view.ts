/**
 * Shows a running fleet: redrawn lines on a terminal, one line after another everywhere else.
 *
 * @module
 */
import { clock, decisionSentence, stateLine, trouble, unreachable } from './fleet-view.ts';
import type { FleetView } from './fleet-view.ts';
import { screenLines } from './screen.ts';

/** Where the view is written to: a terminal or a file. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface ViewOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
}

export interface View {
  /** Writes a line that stays. */
  note(line: string): void;
  /** Writes a line that stays in sight: on a terminal below the fleets. */
  pin(line: string): void;
  /** Shows the fleets after `seconds` of the run. */
  show(fleets: readonly FleetView[], seconds: number): void;
}

/** A view for this output: `NO_COLOR` set to anything but nothing takes the colours away (no-color.org). */
export const createView = (options: ViewOptions): View => (options.output.isTTY === true && options.env['TERM'] !== 'dumb' ? new TerminalView(options) : new PlainView(options));

class TerminalView implements View {
  readonly #options: ViewOptions;
  readonly #pinned: string[] = [];
  #drawn = 0;
  #columns = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  note(line: string): void {
    this.#erase();
    this.#options.output.write(`${line}\n`);
  }

  pin(line: string): void {
    this.#pinned.push(line);
  }

  show(fleets: readonly FleetView[]): void {
    const { output, env } = this.#options;
    const colour = (env['NO_COLOR'] ?? '') === '';
    // A terminal without a size says 0.
    const [columns, rows] = [output.columns || 80, output.rows || 24];
    const lines = screenLines(fleets, { columns, rows, colour, footer: [...this.#pinned, 'Ctrl-C ends it'] });
    this.#erase();
    // Lines of another width were broken anew by the terminal, so nobody knows how many there are: begin a new screen.
    if (this.#columns !== columns && this.#columns !== 0) output.write('\u001B[H\u001B[J');
    this.#columns = columns;
    output.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    // Up to the first line that was drawn, then clear from there to the end of the screen.
    if (this.#drawn > 0) this.#options.output.write(`\u001B[${this.#drawn}A\u001B[J`);
    this.#drawn = 0;
  }
}

class PlainView implements View {
  readonly #output: Output;
  readonly #told = new Map<string, number>();
  readonly #classes = new Map<string, string>();
  readonly #troubles = new Map<string, string>();

  constructor({ output }: ViewOptions) {
    this.#output = output;
  }

  note(line: string): void {
    this.#output.write(`${line}\n`);
  }

  pin(line: string): void {
    this.note(line);
  }

  show(fleets: readonly FleetView[], seconds: number): void {
    for (const fleet of fleets) {
      const name = fleets.length > 1 ? `${fleet.facts.key}  ` : '';
      this.#decisions(fleet, name);
      this.#trouble(fleet);
      this.#class(fleet, `${clock(seconds)}  ${name}`);
      if (fleet.seconds.length > 0) this.note(`${clock(seconds)}  ${name}${stateLine(fleet)}`);
    }
  }

  #decisions({ facts, decisions }: FleetView, name: string): void {
    const told = this.#told.get(facts.key) ?? 0;
    for (const { t, decision } of decisions.slice(told)) this.note(`${clock(t)}  ${name}decision: ${decisionSentence(decision)}`);
    this.#told.set(facts.key, decisions.length);
  }

  /** Why a fleet is of its class, when that changes. */
  #class({ facts }: FleetView, start: string): void {
    if (facts.evidence === '' || this.#classes.get(facts.key) === facts.class) return;
    this.#classes.set(facts.key, facts.class);
    this.note(`${start}class: ${facts.class}: ${facts.evidence}`);
  }

  #trouble({ facts }: FleetView): void {
    const [problem, hopeless] = [trouble(facts), unreachable(facts)];
    const text = problem ?? hopeless ?? '';
    // The second holds figures that change from moment to moment: its reason tells whether it is news.
    const subject = problem ?? hopeless?.split(':')[0] ?? '';
    if (text !== '' && this.#troubles.get(facts.key) !== subject) this.note(`${facts.key}: ${text}`);
    this.#troubles.set(facts.key, subject);
  }
}
