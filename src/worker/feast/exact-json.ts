/**
 * JSON with numbers as Python tells them apart: Feast's join keys are int64, which a double loses beyond 2^53, and 7.0 is not 7.
 *
 * @module
 */

/**
 * Whether the text can hold an integer that a double would round, or a whole float. Strings that look like these only cost the slower path;
 * a UUID does not, since a number ends before a comma or a bracket.
 */
const needsSource = /\d{16}|\d(?:\.\d*0|[eE][+-]?\d+)\s*[,\]}]/;
/** As many as Python converts. Beyond it the double is kept: converting millions of digits takes seconds. */
export const mostDigits = 4300;

/** A whole number that is written as a float: 7.0, -0.0, 1e3. */
export class WholeFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** As Python writes it. */
  toString(): string {
    if (Math.abs(this.value) < 1e16) return `${Object.is(this.value, -0) ? '-0' : this.value}.0`;
    return this.value.toExponential().replace(/\+(\d)$/, '+0$1');
  }
}

/**
 * Parses JSON; integers of up to 4,300 digits that a double cannot hold become `bigint`, whole floats `WholeFloat`.
 * @throws SyntaxError when the text is not JSON, RangeError when it is nested too deep for the exact path
 */
export function parseExactJson(text: string): unknown {
  return needsSource.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
}

function keepExact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || (value % 1 !== 0 && Number.isFinite(value))) return value;
  const source = context?.source;
  if (source === undefined) return value;
  if (!isInteger(source)) return Number.isFinite(value) ? new WholeFloat(value) : value;
  return Number.isSafeInteger(value) || source.length > mostDigits ? value : BigInt(source);
}

const isInteger = (source: string): boolean => /^-?\d+$/.test(source);

/**
 * Writes what `parseExactJson` read: `bigint` becomes a bare integer, a whole float keeps its point.
 * @throws RangeError when the value is nested too deep
 */
export function stringifyExact(value: unknown): string {
  if (typeof value === 'bigint' || value instanceof WholeFloat) return value.toString();
  if (Array.isArray(value)) return `[${value.map(stringifyExact).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${stringifyExact(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
