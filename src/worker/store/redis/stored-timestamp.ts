/**
 * A stored `google.protobuf.Timestamp` as Feast's server shows it.
 *
 * @module
 */
import { readInt64, readTag, skipField, WireReader } from '../../feast/wire.ts';

/** Entities are written in batches: neighbours have the same time. */
let lastBytes = Buffer.alloc(0);
let lastJson = '';

/** @returns quoted RFC 3339 text with 0, 3, 6 or 9 fraction digits. @throws Error when the bytes are no timestamp */
export function timestampJson(bytes: Buffer, start: number, end: number): string {
  if (end - start === lastBytes.length && lastBytes.compare(bytes, start, end) === 0) return lastJson;
  const json = read(new WireReader(bytes, start, end));
  lastBytes = Buffer.from(bytes.subarray(start, end));
  lastJson = json;
  return json;
}

function read(reader: WireReader): string {
  let seconds = 0;
  let nanos = 0;
  while (!reader.done) {
    const tag = readTag(reader);
    if (tag === 8) seconds = Number(readInt64(reader));
    else if (tag === 16) nanos = Number(readInt64(reader));
    else skipField(reader, tag & 7);
  }
  // Feast adds both up in a double and keeps microseconds of the sum.
  const total = seconds + nanos / 1e9;
  const whole = Math.floor(total);
  const micros = Math.round((total - whole) * 1e6);
  const date = new Date((whole + Math.floor(micros / 1e6)) * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) throw new Error('a stored event time is outside the calendar');
  return `"${date.toISOString().slice(0, 19)}${fraction(micros % 1e6)}Z"`;
}

function fraction(micros: number): string {
  if (micros === 0) return '';
  const digits = String(micros).padStart(6, '0');
  return `.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`;
}
