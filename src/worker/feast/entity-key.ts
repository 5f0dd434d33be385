/**
 * Feast's serialized entity key, version 3: the sorted join-key names, then their values in that order.
 * Layout and example vectors: Feast's `key_encoding_utils.py`, recorded in test/fixtures/feast/redis.json.
 *
 * @module
 */
import { mostDigits } from './exact-json.ts';
import { pythonError, pythonRepr } from './refusal.ts';

/** Feast's ValueType numbers; no other type can be a join key. */
export const keyType = { bytes: 1, string: 2, int32: 3, int64: 4, timestamp: 8 } as const;

/** A join key as the stored entity keys show it. */
export interface JoinKey {
  name: string;
  type: number;
}

/** A value of a join key, ready to be looked up and to be echoed. */
export interface KeyValue {
  encoded: Buffer;
  json: string;
}

/** Length-prefixed names of the join keys: the first part of each entity key of a view. */
export function encodeKeyNames(names: readonly string[]): Buffer {
  const parts = [uint32(names.length)];
  for (const name of names) {
    const text = Buffer.from(name, 'utf8');
    parts.push(uint32(keyType.string), uint32(text.length), text);
  }
  return Buffer.concat(parts);
}

/**
 * Reads the join keys back from a stored entity key.
 * @returns undefined when the bytes are not a version-3 key
 */
export function decodeJoinKeys(key: Buffer): JoinKey[] | undefined {
  const count = key.length < 4 ? 0 : key.readUInt32LE(0);
  const entries: Entry[] = [];
  let at = 4;
  for (let index = 0; index < 2 * count; index++) {
    const entry = readEntry(key, at);
    if (entry === undefined) return undefined;
    entries.push(entry);
    at = entry.end;
  }
  const names = entries.slice(0, count);
  if (count === 0 || at !== key.length || names.some((name) => name.type !== keyType.string)) return undefined;
  return names.map(({ start, end }, index) => ({ name: key.toString('utf8', start, end), type: entries[count + index]?.type ?? 0 }));
}

interface Entry {
  type: number;
  start: number;
  end: number;
}

/** A type, a length, and so many bytes. */
function readEntry(key: Buffer, at: number): Entry | undefined {
  if (at + 8 > key.length) return undefined;
  const start = at + 8;
  const end = start + key.readUInt32LE(at + 4);
  return end > key.length ? undefined : { type: key.readUInt32LE(at), start, end };
}

/**
 * Converts a JSON value to the join key's stored type, with Python's conversions (`int("7")`, `int(7.9)`, `str(7)`).
 * @throws Refusal 500 with Python's message, as Feast answers a wrong type
 */
export function encodeKeyValue(value: unknown, type: number): KeyValue {
  if (value === null) throw pythonError("attribute name must be string, not 'NoneType'");
  if (type === keyType.string) {
    const text = pythonText(value);
    const bytes = Buffer.from(text, 'utf8');
    return { encoded: Buffer.concat([uint32(type), uint32(bytes.length), bytes]), json: JSON.stringify(text) };
  }
  if (type === keyType.bytes) throw pythonError(`Value ${pythonRepr(pythonText(value))} has wrong type: a bytes join key cannot be sent as JSON`);
  const integer = pythonInteger(value);
  return { encoded: encodeInteger(integer, type), json: integer.toString() };
}

function encodeInteger(value: bigint, type: number): Buffer {
  const bits = type === keyType.int32 ? 32 : 64;
  if (BigInt.asIntN(bits, value) !== value) throw pythonError(`Value out of range: ${value}`);
  const out = Buffer.allocUnsafe(8 + bits / 8);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(bits / 8, 4);
  if (bits === 32) out.writeInt32LE(Number(value), 8);
  else out.writeBigInt64LE(value, 8);
  return out;
}

function pythonInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return BigInt(Math.trunc(value));
    throw pythonError('cannot convert float infinity to integer');
  }
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') {
    if (value.length > mostDigits) throw pythonError(`Exceeds the limit (${mostDigits} digits) for integer string conversion: value has ${value.length} digits`);
    if (/^\s*[+-]?\d+(_\d+)*\s*$/.test(value)) return BigInt(value.trim().replaceAll('_', '').replace(/^\+/, ''));
    throw pythonError(`invalid literal for int() with base 10: ${pythonRepr(value)}`);
  }
  const kind = Array.isArray(value) ? 'list' : 'dict';
  throw pythonError(`int() argument must be a string, a bytes-like object or a real number, not '${kind}'`);
}

function pythonText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
  return JSON.stringify(value);
}

function uint32(value: number): Buffer {
  const out = Buffer.allocUnsafe(4);
  out.writeUInt32LE(value, 0);
  return out;
}
