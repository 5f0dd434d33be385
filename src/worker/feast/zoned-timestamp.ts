/**
 * `feast.types.ZonedTimestamp` as ISO 8601 in its stored zone, as Feast's server writes it.
 *
 * @module
 */
import { readInt64, readTag, skipField } from './wire.ts';
import type { WireReader } from './wire.ts';

/** What Feast stores for no time at all: numpy's NaT. */
const noTime = '-9223372036854775808';
const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** Reads the message. @returns JSON text; null for no time */
export function zonedTimestamp(reader: WireReader): string {
  let seconds = '0';
  let zone = '""';
  while (!reader.done) {
    const tag = readTag(reader);
    if (tag === 8) seconds = readInt64(reader);
    else if (tag === 18) zone = reader.textJson();
    else skipField(reader, tag & 7);
  }
  if (seconds === noTime) return 'null';
  const name: unknown = JSON.parse(zone);
  return JSON.stringify(isoInZone(Number(seconds), String(name)));
}

function isoInZone(seconds: number, zone: string): string {
  const offset = fixedOffset(zone) ?? namedOffset(seconds, zone) ?? 0;
  const local = new Date((seconds + offset) * 1000);
  if (Number.isNaN(local.getTime())) throw new Error(`a stored time, ${seconds} seconds, is outside the calendar`);
  return local.toISOString().slice(0, 19) + offsetText(offset);
}

/** Seconds east of Greenwich of `UTC`, `UTC-07:00`, `+0530`; undefined for other names. */
function fixedOffset(zone: string): number | undefined {
  const name = zone.trim();
  if (name === '' || name === 'UTC' || name === 'GMT') return 0;
  const match = /^(?:UTC|GMT)?([+-])(\d\d):?(\d\d)$/.exec(name);
  if (match === null) return undefined;
  return (match[1] === '-' ? -1 : 1) * (3600 * Number(match[2]) + 60 * Number(match[3]));
}

/** The offset that a zone of the IANA list had at a moment; undefined for a zone that nobody knows (Feast takes UTC then). */
function namedOffset(seconds: number, zone: string): number | undefined {
  if (!formats.has(zone)) {
    if (formats.size > 1000) formats.clear();
    formats.set(zone, formatOf(zone));
  }
  const parts = formats.get(zone)?.formatToParts(seconds * 1000);
  const shown = parts?.find(({ type }) => type === 'timeZoneName')?.value;
  const match = /^GMT(?:([+-])(\d+):(\d\d)(?::(\d\d))?)?$/.exec(shown ?? '');
  if (match === null) return undefined;
  const [, sign, hours = '0', minutes = '0', rest = '0'] = match;
  return (sign === '-' ? -1 : 1) * (3600 * Number(hours) + 60 * Number(minutes) + Number(rest));
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}

function offsetText(offset: number): string {
  const size = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, '0');
  const text = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}:${two(Math.floor(size / 60) % 60)}`;
  return size % 60 === 0 ? text : `${text}:${two(size % 60)}`;
}
