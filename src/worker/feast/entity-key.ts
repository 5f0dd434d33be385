/**
 * Feast's serialized entity key, version 3: the sorted join-key names, then their values in that order.
 * Layout and example vectors: Feast's `key_encoding_utils.py`, recorded in test/fixtures/feast/redis.json.
 *
 * @module
 */
import { valueType } from '../definitions/value-types.ts';
import { convertColumn } from './key-column.ts';
import type { KeyColumn, KeyValue } from './key-column.ts';
import { pythonError } from './refusal.ts';

/** Feast's ValueType numbers; no other type can be a join key. */
export const keyType = { bytes: valueType.bytes, string: valueType.string, int32: valueType.int32, int64: valueType.int64, timestamp: valueType.timestamp } as const;

/** Length-prefixed names of the join keys, which must be sorted: the first part of each entity key of a view. */
export function encodeKeyNames(names: readonly string[]): Buffer {
  const parts = [uint32(names.length)];
  for (const name of names) {
    const text = Buffer.from(name, 'utf8');
    parts.push(uint32(keyType.string), uint32(text.length), text);
  }
  return Buffer.concat(parts);
}

const uint32 = (value: number): Buffer => {
  const out = Buffer.allocUnsafe(4);
  out.writeUInt32LE(value, 0);
  return out;
};

/** The distinct entity keys of a request's rows. */
export interface EntityKeys {
  /** Each distinct one once. */
  readonly keys: readonly Buffer[];
  /** For each row, the index of its key in `keys`. */
  readonly keyOfRow: readonly number[];
}

/**
 * Builds the keys of all rows: one buffer for each distinct key, and none besides.
 *
 * @param names of `encodeKeyNames`, for the same columns in the same order
 * @throws Refusal 500 for a null or for values that cannot stand in a key, as Feast refuses
 */
export function buildKeys(names: Buffer, columns: readonly KeyColumn[], rows: number): EntityKeys {
  const [first, ...more] = columns;
  const seen = new Map<KeyValue, number>();
  const keys: Buffer[] = [];
  const keyOfRow: number[] = [];
  for (const column of columns) refuseNulls(column);
  for (let row = 0; row < rows; row++) {
    // The values of a single column tell keys apart; so do JSON texts with commas between them for several.
    const identity = first !== undefined && more.length === 0 ? (first.values[row] ?? null) : columns.map(({ json }) => json[row]).join(',');
    let index = seen.get(identity);
    if (index === undefined) {
      index = keys.push(encodeRow(names, columns, row)) - 1;
      seen.set(identity, index);
    }
    keyOfRow.push(index);
  }
  return { keys, keyOfRow };
}

const refuseNulls = ({ values }: KeyColumn): void => {
  if (values.includes(null)) throw pythonError("attribute name must be string, not 'NoneType'");
};

function encodeRow(names: Buffer, columns: readonly KeyColumn[], row: number): Buffer {
  let length = names.length;
  for (const { type, values } of columns) length += 8 + sizeOf(type, values[row]);
  const key = Buffer.allocUnsafe(length);
  let at = names.copy(key);
  for (const { type, values, json } of columns) {
    const value = values[row] ?? null;
    at = key.writeUInt32LE(sizeOf(type, value), key.writeUInt32LE(type, at));
    at = writeValue(key, at, type, value) ?? refuseType(type, json[row]);
  }
  return key;
}

const sizeOf = (type: number, value: KeyValue | undefined): number => {
  if (type === keyType.string) return typeof value === 'string' ? Buffer.byteLength(value) : 0;
  return type === keyType.int32 ? 4 : 8;
};

/** Returns the place behind the value, or undefined for one that has no place in a key. */
function writeValue(key: Buffer, at: number, type: number, value: KeyValue): number | undefined {
  if (typeof value === 'string') return type === keyType.string ? at + key.write(value, at) : undefined;
  if (typeof value === 'bigint') return key.writeBigInt64LE(value, at);
  if (value === null) return undefined;
  if (type === keyType.int32) return key.writeInt32LE(value, at);
  // A safe integer in two halves costs no bigint.
  const high = Math.floor(value / 0x1_0000_0000);
  return key.writeInt32LE(high, key.writeUInt32LE(value - high * 0x1_0000_0000, at));
}

const protoNames: Readonly<Record<number, string>> = { [valueType.double]: 'double_val', [valueType.float]: 'float_val', [valueType.bool]: 'bool_val' };

const refuseType = (type: number, json: string | undefined): never => {
  throw pythonError(`Value type not supported for feast feature store: ${protoNames[type] ?? 'value'}: ${json ?? ''}\n`);
};

/** One value alone: its part of a key, and its echo. */
export function encodeKeyValue(value: unknown, type: number): { encoded: Buffer; json: string } {
  const column = convertColumn([value], type);
  refuseNulls(column);
  return { encoded: encodeRow(Buffer.alloc(0), [column], 0), json: column.json[0] ?? '' };
}
