/**
 * Event timestamps: what Python's sqlite3 writes, and what protobuf's JSON form shows.
 *
 * @module
 */

/** What Feast shows where there is no timestamp. */
export const epoch = '1970-01-01T00:00:00Z';

/**
 * `2026-08-01 12:00:00.5` (UTC without a zone, or with an offset) to RFC 3339 with 0, 3, 6 or 9 fraction digits.
 * @returns the epoch when the text is no timestamp
 */
export function toRfc3339(stored: unknown): string {
  if (typeof stored !== 'string') return epoch;
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(stored);
  if (match === null) return epoch;
  const [, day = '', time = '', fraction = '', zone = 'Z'] = match;
  const seconds = zone === 'Z' || /^[+-]00:?00$/.test(zone) ? `${day}T${time}` : toUtc(`${day}T${time}${zone}`);
  if (seconds === undefined) return epoch;
  return `${seconds}${fractionDigits(fraction)}Z`;
}

function toUtc(text: string): string | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 19);
}

function fractionDigits(fraction: string): string {
  const trimmed = fraction.replace(/0+$/, '');
  return trimmed === '' ? '' : `.${trimmed.padEnd(Math.ceil(trimmed.length / 3) * 3, '0')}`;
}
