/**
 * A strict reader of the Prometheus text format, version 0.0.4: unlike the operator's, it tells what is wrong with a page.
 *
 * @module
 */

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Name and sorted labels: the same for the same series on every page. */
  readonly key: string;
}

export interface Exposition {
  /** Family name → `counter`, `gauge`, `histogram`, … */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  /** What no scraper would take, one sentence each, with its line. */
  readonly mistakes: readonly string[];
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/u;
const labelPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\["\\n])*)"\s*(,|(?=\s*\}))/uy;
const numberPattern = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/u;
const knownTypes = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const mostMistakes = 10;

/** Reads a page to its end, whatever it holds. */
export const readExposition = (text: string): Exposition => new Reader().read(text);

class Reader {
  readonly #types = new Map<string, string>();
  readonly #samples: Sample[] = [];
  readonly #mistakes: string[] = [];
  readonly #seen = new Set<string>();

  read(text: string): Exposition {
    if (text !== '' && !text.endsWith('\n')) this.#mistake('the last line has no end');
    for (const [index, line] of text.split('\n').entries()) {
      const mistake = this.#line(line.replace(/\r$/u, ''));
      if (mistake !== undefined) this.#mistake(`line ${index + 1}, "${line.slice(0, 100)}": ${mistake}`);
    }
    return { types: this.#types, samples: this.#samples, mistakes: this.#mistakes };
  }

  #mistake(sentence: string): void {
    if (this.#mistakes.length < mostMistakes) this.#mistakes.push(sentence);
  }

  #line(line: string): string | undefined {
    if (line.trim() === '') return undefined;
    if (line.startsWith('#')) return this.#comment(line);
    const sample = readSample(line);
    if (typeof sample === 'string') return sample;
    if (this.#seen.has(sample.key)) return 'this series is on the page twice';
    this.#seen.add(sample.key);
    this.#samples.push(sample);
    return undefined;
  }

  #comment(line: string): string | undefined {
    const [, keyword, name = '', type = ''] = line.split(/\s+/u);
    if (keyword !== 'TYPE') return undefined;
    if (!knownTypes.has(type)) return `"${type}" is no type`;
    if (this.#types.has(name)) return `${name} has two types`;
    this.#types.set(name, type);
    return undefined;
  }
}

/** The sample, or what is wrong with its line. */
const readSample = (line: string): Sample | string => {
  const name = namePattern.exec(line)?.[0];
  if (name === undefined) return 'no metric name';
  const labels = new Map<string, string>();
  const after = line[name.length] === '{' ? readLabels(line, name.length + 1, labels) : name.length;
  if (after === undefined) return 'the labels cannot be read';
  const [value = '', timestamp, ...more] = line.slice(after).trim().split(/\s+/u);
  const number = readNumber(value);
  if (number === undefined) return `"${value}" is no number`;
  if (more.length > 0 || (timestamp !== undefined && !/^-?[0-9]+$/u.test(timestamp))) return 'something follows the value';
  const sorted = [...labels].sort(([left], [right]) => (left < right ? -1 : 1));
  return { name, labels, value: number, key: `${name}${JSON.stringify(sorted)}` };
};

/** Fills `labels`; the index behind the closing brace, or undefined. */
const readLabels = (line: string, from: number, labels: Map<string, string>): number | undefined => {
  let at = from;
  for (;;) {
    const blank = /^\s*\}/u.exec(line.slice(at));
    if (blank !== null) return at + blank[0].length;
    labelPattern.lastIndex = at;
    const [whole, label = '', value = ''] = labelPattern.exec(line) ?? [];
    if (whole === undefined || labels.has(label)) return undefined;
    labels.set(label, value.replace(/\\(.)/gu, (_all, character: string) => (character === 'n' ? '\n' : character)));
    at += whole.length;
  }
};

const readNumber = (text: string): number | undefined => {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  if (text === 'NaN') return NaN;
  return numberPattern.test(text) ? Number(text) : undefined;
};
