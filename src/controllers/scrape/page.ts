/**
 * Parser of a pod's metrics page: reads what the control law needs, and survives everything else.
 *
 * @module
 */
import { LineBook, numberOf } from './lines.ts';
import type { Line } from './lines.ts';
import { firstCharacters } from './page-names.ts';
import type { CounterName, GaugeName, HistogramName, LabelledName } from './page-names.ts';

/** Cumulative counts at ascending upper edges, seconds; the edge `Infinity` holds the total. */
export interface PageHistogram {
  edges: number[];
  counts: number[];
  sum: number;
}

/** Values of one page. What is absent on it is absent here; a counter that is negative or NaN reads as NaN. */
export interface Page {
  counters: Map<CounterName, number>;
  /** Family → label value → count. */
  labelled: Map<LabelledName, Map<string, number>>;
  gauges: Map<GaugeName, number>;
  histograms: Map<HistogramName, PageHistogram>;
  info: ReadonlyMap<string, string> | null;
}

/** Series of one family, or edges of one histogram, that are kept: a page that invents more is cut short here. */
const MOST_SERIES = 256;
/** Digits that a number holds exactly. */
const EXACT_DIGITS = 15;
const NEWLINE = 10;

const book = new LineBook();
/** Most lines of a page are of no interest, and looking at one character tells. */
const isOfInterest = new Uint8Array(256);
for (const code of firstCharacters) isOfInterest[code] = 1;

/** A counter can only be a finite number that is not negative; the law rejects NaN by name. */
const countOf = (value: number): number => (value >= 0 && value < Infinity ? value : NaN);

const addTo = <Key>(map: Map<Key, number>, key: Key, value: number): void => {
  const old = map.get(key);
  if (old !== undefined) map.set(key, old + value);
  else if (map.size < MOST_SERIES) map.set(key, value);
};

const histogramOf = (page: Page, name: HistogramName): PageHistogram => {
  const known = page.histograms.get(name);
  if (known !== undefined) return known;
  const fresh: PageHistogram = { edges: [], counts: [], sum: 0 };
  page.histograms.set(name, fresh);
  return fresh;
};

/** Edges come in order but where a server has several series of one histogram: those are added up. */
const addBucket = ({ edges, counts }: PageHistogram, edge: number, count: number): void => {
  const last = edges.at(-1);
  if (Number.isNaN(edge)) return;
  if (last === undefined || edge > last) {
    if (edges.length < MOST_SERIES) counts[edges.push(edge) - 1] = count;
    return;
  }
  const index = edges.findIndex((other) => other >= edge);
  if (edges[index] === edge) counts[index] = (counts[index] ?? 0) + count;
  else if (edges.length < MOST_SERIES) {
    edges.splice(index, 0, edge);
    counts.splice(index, 0, count);
  }
};

const addLabelled = (page: Page, name: LabelledName, label: string, value: number): void => {
  let family = page.labelled.get(name);
  if (family === undefined) {
    family = new Map();
    page.labelled.set(name, family);
  }
  addTo(family, label, value);
};

const store = (page: Page, { destination, label, edge, info }: Line, value: number): void => {
  switch (destination?.kind) {
    case undefined:
      return;
    case 'bucket':
      return addBucket(histogramOf(page, destination.name), edge, countOf(value));
    case 'counter':
      return addTo(page.counters, destination.name, countOf(value));
    case 'labelled':
      return addLabelled(page, destination.name, label, countOf(value));
    case 'gauge':
      page.gauges.set(destination.name, value);
      return;
    case 'sum':
      histogramOf(page, destination.name).sum += countOf(value);
      return;
    case 'info':
      page.info = info;
      return;
  }
};

const isEnd = (code: number): boolean => code === 32 || code === 9 || code === 13;

/** The value at `start`; a timestamp or an exemplar behind it is not read. */
const valueAt = (text: string, start: number, end: number): number => {
  let at = start;
  while (at < end && !isEnd(text.charCodeAt(at))) at += 1;
  return numberOf(text.slice(start, at));
};

/** Index after the digits at `start`: at most as many as a number holds exactly. */
const digitsEnd = (text: string, start: number): number => {
  let at = start;
  while (at - start < EXACT_DIGITS && isDigit(text.charCodeAt(at))) at += 1;
  return at;
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const wholeNumber = (text: string, start: number, end: number): number => {
  let value = 0;
  for (let at = start; at < end; at += 1) value = 10 * value + text.charCodeAt(at) - 48;
  return value;
};

/** Reads one page from line to line. */
class Reader {
  readonly page: Page = { counters: new Map(), labelled: new Map(), gauges: new Map(), histograms: new Map(), info: null };
  readonly #text: string;
  #before: Line | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads the line at `start`; returns the start of the next one, 0 when it has no end. */
  line(start: number): number {
    if (isOfInterest[this.#text.charCodeAt(start)] !== 1) return this.#text.indexOf('\n', start) + 1;
    const expected = book.expected(this.#text, start, this.#before);
    return (expected === null ? 0 : this.#wholeNumber(expected, start)) || this.#anyLine(expected, start);
  }

  /** The usual case: a line known from the last page, with a whole number and nothing behind it. 0 when it is another. */
  #wholeNumber(line: Line, start: number): number {
    const from = start + line.prefix.length;
    const end = digitsEnd(this.#text, from);
    if (end === from || this.#text.charCodeAt(end) !== NEWLINE) return 0;
    this.#take(line, wholeNumber(this.#text, from, end));
    return end + 1;
  }

  #anyLine(expected: Line | null, start: number): number {
    const end = this.#text.indexOf('\n', start);
    if (end === -1) return 0;
    const line = expected ?? book.read(this.#text, start, end, this.#before);
    if (line !== null) this.#take(line, valueAt(this.#text, start + line.prefix.length, end));
    return end + 1;
  }

  #take(line: Line, value: number): void {
    store(this.page, line, value);
    this.#before = line;
  }
}

/**
 * Parses a page of the Prometheus text format (or OpenMetrics). Only whole lines count: what a cut connection left of the
 * last one could be half a number. Never throws; garbage gives an empty page.
 */
export const parsePage = (body: Buffer): Page => {
  // latin1 keeps one character a byte and costs no decoding; the names and numbers that are read are ASCII.
  const text = body.toString('latin1');
  const reader = new Reader(text);
  let start = text === '' ? 0 : reader.line(0);
  while (start > 0 && start < text.length) start = reader.line(start);
  return reader.page;
};

/** True when the page is that of a worker pool at all. */
export const isPoolPage = (page: Page): boolean => page.labelled.has('requests') || page.counters.has('arrivals');
