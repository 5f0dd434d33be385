/**
 * What the lines of metrics pages mean. Pages of one server repeat their lines in the same order, so a line is
 * understood once and afterwards recognised as the one that came next last time.
 *
 * @module
 */
import { readLabels } from './labels.ts';
import { destinations } from './page-names.ts';
import type { Destination } from './page-names.ts';

const OPEN_BRACE = 123;
const SPACE = 32;
const TAB = 9;

/** A line up to its value. */
export interface Line {
  /** Name, labels and the blanks before the value. */
  readonly prefix: string;
  /** Null: nobody reads it. */
  readonly destination: Destination | null;
  /** Value of the label that matters; for a bucket its edge as a number. */
  readonly label: string;
  readonly edge: number;
  readonly info: ReadonlyMap<string, string> | null;
  /** The line of interest that followed last time. */
  next: Line | null;
}

/** Lines kept: several servers' worth. A page that never repeats itself fills it once and is parsed the slow way from then on. */
const MOST_LINES = 8192;
const LONGEST_PREFIX = 512;

/** Number in a text of the format; NaN for what is none. */
export const numberOf = (text: string): number => {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  return text === '' || text === '-Inf' ? NaN : Number(text);
};

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

const nameEnd = (text: string, start: number, end: number): number => {
  let at = start;
  while (at < end && text.charCodeAt(at) !== OPEN_BRACE && !isBlank(text.charCodeAt(at))) at += 1;
  return at;
};

/** A slice of a page keeps the whole page alive in V8; what is kept for long has to be a copy. */
const copy = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

const labelWanted = (destination: Destination): string =>
  destination.kind === 'labelled' ? destination.label : destination.kind === 'bucket' ? 'le' : '';

const understand = (text: string, start: number, end: number): Line | null => {
  const stop = nameEnd(text, start, end);
  const destination = destinations.get(text.slice(start, stop)) ?? null;
  const info = destination?.kind === 'info' ? new Map<string, string>() : null;
  const wanted = destination === null ? '' : labelWanted(destination);
  let label = '';
  let after = stop;
  if (text.charCodeAt(stop) === OPEN_BRACE) {
    after = readLabels(text, stop, end, (name, value) => {
      if (name === wanted) label = copy(value.slice(0, 64));
      info?.set(copy(name.slice(0, 64)), copy(value.slice(0, 64)));
    });
    if (after === -1) return null;
  }
  while (after < end && isBlank(text.charCodeAt(after))) after += 1;
  return { prefix: text.slice(start, after), destination, label, edge: destination?.kind === 'bucket' ? numberOf(label) : NaN, info, next: null };
};

/** Recognises lines; one is shared by all pods. */
export class LineBook {
  readonly #lines = new Map<string, Line>();

  /** The line that came next last time, when it is the one at `start`; null when it is another. */
  expected(text: string, start: number, before: Line | null): Line | null {
    const next = before?.next ?? null;
    // Not `startsWith`: that compares character by character, four times as long (measured with Node 24).
    return next !== null && text.slice(start, start + next.prefix.length) === next.prefix ? next : null;
  }

  /** Meaning of the line between `start` and `end`, given the line of interest before it; null when it is malformed. */
  read(text: string, start: number, end: number, before: Line | null): Line | null {
    const understood = understand(text, start, end);
    if (understood === null) return null;
    const line = this.#keep(understood);
    if (before !== null) before.next = line;
    return line;
  }

  #keep(line: Line): Line {
    const known = this.#lines.get(line.prefix);
    if (known !== undefined) return known;
    if (this.#lines.size >= MOST_LINES || line.prefix.length > LONGEST_PREFIX || line.prefix === '') return line;
    const kept = { ...line, prefix: copy(line.prefix) };
    this.#lines.set(kept.prefix, kept);
    return kept;
  }
}
