/**
 * JSON with integers kept exact: Feast's join keys are int64, and a double loses them beyond 2^53.
 *
 * @module
 */

/** Whether the text can hold an integer that a double would round. Strings with long digit runs only cost the slower path. */
const longDigits = /\d{16}/;
/** As many as Python converts. Beyond it the double is kept: converting millions of digits takes seconds. */
export const mostDigits = 4300;

/**
 * Parses JSON; integers of up to 4,300 digits that a double cannot hold become `bigint`.
 * @throws SyntaxError when the text is not JSON, RangeError when it is nested too deep for the exact path
 */
export function parseExactJson(text: string): unknown {
  return longDigits.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
}

function keepExact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && source.length <= mostDigits && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/**
 * Writes what `parseExactJson` read: `bigint` becomes a bare integer.
 * @throws RangeError when the value is nested too deep
 */
export function stringifyExact(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(stringifyExact).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${stringifyExact(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
