/**
 * Shows a running fleet: redrawn lines on a terminal, one line after another everywhere else.
 *
 * @module
 */
import { clock, decisionSentence, stateLine, trouble } from './fleet-view.ts';
import type { FleetView } from './fleet-view.ts';
import { screenLines } from './screen.ts';

/** Where the view is written to: a terminal or a file. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface ViewOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Lines that stay below the fleets on a terminal. */
  readonly footer: readonly string[];
}

export interface View {
  /** Writes a line that stays. */
  note(line: string): void;
  /** Shows the fleets after `seconds` of the run. */
  show(fleets: readonly FleetView[], seconds: number): void;
}

/** A view for this output: `NO_COLOR` set to anything but nothing takes the colours away (no-color.org). */
export const createView = (options: ViewOptions): View => (options.output.isTTY === true && options.env['TERM'] !== 'dumb' ? new TerminalView(options) : new PlainView(options));

class TerminalView implements View {
  readonly #options: ViewOptions;
  #drawn = 0;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  note(line: string): void {
    this.#erase();
    this.#options.output.write(`${line}\n`);
  }

  show(fleets: readonly FleetView[]): void {
    const { output, env, footer } = this.#options;
    const colour = (env['NO_COLOR'] ?? '') === '';
    const lines = screenLines(fleets, { columns: output.columns ?? 80, colour, footer });
    this.#erase();
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
  readonly #troubles = new Map<string, string>();

  constructor({ output }: ViewOptions) {
    this.#output = output;
  }

  note(line: string): void {
    this.#output.write(`${line}\n`);
  }

  show(fleets: readonly FleetView[], seconds: number): void {
    for (const fleet of fleets) {
      this.#decisions(fleet, fleets.length > 1);
      this.#trouble(fleet);
      if (fleet.seconds.length > 0) this.note(`${clock(seconds)}  ${fleets.length > 1 ? `${fleet.facts.key}  ` : ''}${stateLine(fleet)}`);
    }
  }

  #decisions({ facts, decisions }: FleetView, named: boolean): void {
    const told = this.#told.get(facts.key) ?? 0;
    for (const { t, decision } of decisions.slice(told)) this.note(`${clock(t)}  ${named ? `${facts.key}  ` : ''}decision: ${decisionSentence(decision)}`);
    this.#told.set(facts.key, decisions.length);
  }

  #trouble({ facts }: FleetView): void {
    const text = trouble(facts) ?? '';
    if (text !== '' && this.#troubles.get(facts.key) !== text) this.note(`${facts.key}: ${text}`);
    this.#troubles.set(facts.key, text);
  }
}
