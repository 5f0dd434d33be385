/**
 * Event timestamps of Feast's SQLite stores, and what protobuf's JSON form shows of them.
 *
 * @module
 */

/** What Feast shows where there is no timestamp. */
export const epoch = '1970-01-01T00:00:00Z';

/**
 * Epoch seconds, as Feast writes them: it takes UTC for the local time when it writes and the local time for UTC when it reads, so
 * the zone of this process has to be that of the writer, as in Feast. Also `2026-08-01 12:00:00.5` (UTC without a zone, or with an offset) to RFC 3339 with 0, 3, 6 or 9 fraction digits.
 * @returns the epoch when the text is no timestamp
 */
export function toRfc3339(stored: unknown): string {
  if (typeof stored === 'number') return fromSeconds(stored);
  if (typeof stored !== 'string') return epoch;
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(stored);
  if (match === null) return epoch;
  const [, day = '', time = '', fraction = '', zone = 'Z'] = match;
  const seconds = zone === 'Z' || /^[+-]00:?00$/.test(zone) ? `${day}T${time}` : toUtc(`${day}T${time}${zone}`);
  if (seconds === undefined) return epoch;
  return `${seconds}${fractionDigits(fraction)}Z`;
}

function fromSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  const year = date.getFullYear();
  if (!(year >= 1 && year <= 9999)) return epoch;
  const local = new Date(Date.UTC(2000, date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()));
  local.setUTCFullYear(year, date.getMonth(), date.getDate());
  return `${local.toISOString().slice(0, 19)}Z`;
}

function toUtc(text: string): string | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 19);
}

function fractionDigits(fraction: string): string {
  const trimmed = fraction.replace(/0+$/, '');
  return trimmed === '' ? '' : `.${trimmed.padEnd(Math.ceil(trimmed.length / 3) * 3, '0')}`;
}
