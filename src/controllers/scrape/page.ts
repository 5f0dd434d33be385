/**
 * Parser of a pod's metrics page: reads what the control law needs, and survives everything else.
 *
 * @module
 */
import { readLabels } from './labels.ts';
import { destinations, firstCharacters } from './page-names.ts';
import type { CounterName, Destination, GaugeName, HistogramName, LabelledName } from './page-names.ts';

/** Upper edge → cumulative count; `Infinity` holds the total. */
export interface PageHistogram {
  buckets: Map<number, number>;
  sum: number;
}

/** Values of one page. What is absent on it is absent here; a counter that is negative or NaN reads as NaN. */
export interface Page {
  counters: Map<CounterName, number>;
  /** Family → label value → count. */
  labelled: Map<LabelledName, Map<string, number>>;
  gauges: Map<GaugeName, number>;
  histograms: Map<HistogramName, PageHistogram>;
  info: Map<string, string> | null;
}

/** Series of one family, or edges of one histogram, that are kept: a page that invents more is cut short here. */
const MOST_SERIES = 256;
const HASH = 35;
const OPEN_BRACE = 123;

/** Texts of bucket edges repeat on every page of every pod: they are parsed once. */
const knownEdges = new Map<string, number>();
const MOST_KNOWN_EDGES = 4096;

const numberOf = (text: string): number => {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  return text === '' || text === '-Inf' ? NaN : Number(text);
};

const edgeOf = (text: string): number => {
  const known = knownEdges.get(text);
  if (known !== undefined) return known;
  const edge = numberOf(text);
  if (knownEdges.size < MOST_KNOWN_EDGES) knownEdges.set(text, edge);
  return edge;
};

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
  const fresh: PageHistogram = { buckets: new Map(), sum: 0 };
  page.histograms.set(name, fresh);
  return fresh;
};

const addLabelled = (page: Page, name: LabelledName, label: string, value: number): void => {
  const family = page.labelled.get(name) ?? new Map<string, number>();
  page.labelled.set(name, family);
  addTo(family, label.slice(0, 64), value);
};

const store = (page: Page, destination: Exclude<Destination, { kind: 'info' }>, label: string, value: number): void => {
  switch (destination.kind) {
    case 'counter':
      return addTo(page.counters, destination.name, countOf(value));
    case 'labelled':
      return addLabelled(page, destination.name, label, countOf(value));
    case 'gauge':
      page.gauges.set(destination.name, value);
      return;
    case 'bucket': {
      const edge = edgeOf(label);
      if (!Number.isNaN(edge)) addTo(histogramOf(page, destination.name).buckets, edge, countOf(value));
      return;
    }
    case 'sum':
      histogramOf(page, destination.name).sum += countOf(value);
      return;
  }
};

const labelWanted = (destination: Destination): string =>
  destination.kind === 'labelled' ? destination.label : destination.kind === 'bucket' ? 'le' : '';

/** The value after the labels; a timestamp or an exemplar behind it is not read. */
const valueFrom = (text: string, from: number, end: number): number => {
  let start = from;
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start += 1;
  let stop = start;
  while (stop < end && text[stop] !== ' ' && text[stop] !== '\t' && text[stop] !== '\r') stop += 1;
  return numberOf(text.slice(start, stop));
};

const readInfo = (page: Page, text: string, open: number, end: number): void => {
  const info = new Map<string, string>();
  const after = readLabels(text, open, end, (name, value) => info.set(name, value.slice(0, 64)));
  if (after !== -1) page.info = info;
};

const nameEnd = (text: string, start: number, end: number): number => {
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE || code === 32 || code === 9) return at;
    at += 1;
  }
  return end;
};

const readLine = (page: Page, text: string, start: number, end: number): void => {
  const stop = nameEnd(text, start, end);
  const destination = destinations.get(text.slice(start, stop));
  if (destination === undefined) return;
  const isLabelled = text.charCodeAt(stop) === OPEN_BRACE;
  if (destination.kind === 'info') {
    if (isLabelled) readInfo(page, text, stop, end);
    return;
  }
  let label = '';
  const wanted = labelWanted(destination);
  const after = isLabelled
    ? readLabels(text, stop, end, (name, value) => {
        if (name === wanted) label = value;
      })
    : stop;
  if (after !== -1) store(page, destination, label, valueFrom(text, after, end));
};

/**
 * Parses a page of the Prometheus text format (or OpenMetrics). Only whole lines count: what a cut connection left of the
 * last one could be half a number. Never throws; garbage gives an empty page.
 */
export const parsePage = (body: Buffer): Page => {
  // latin1 keeps one character a byte and costs no decoding; the names and numbers that are read are ASCII.
  const text = body.toString('latin1');
  const page: Page = { counters: new Map(), labelled: new Map(), gauges: new Map(), histograms: new Map(), info: null };
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    const first = text.charCodeAt(start);
    if (first !== HASH && firstCharacters.has(first)) readLine(page, text, start, end);
    start = end + 1;
  }
  return page;
};

/** True when the page is that of a worker pool at all. */
export const isPoolPage = (page: Page): boolean => page.labelled.has('requests') || page.counters.has('arrivals');
