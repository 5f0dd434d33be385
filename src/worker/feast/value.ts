/**
 * A stored `feast.types.Value` (protobuf) straight to JSON text, with no object in between: int64 stays exact, floats keep a decimal point.
 * Field numbers: Feast's `protos/feast/types/Value.proto`.
 *
 * @module
 */
import protobuf from 'protobufjs/minimal.js';

type Reader = InstanceType<typeof protobuf.Reader>;
type ReadOne = (reader: Reader) => string;

const scalars: Record<number, ReadOne> = {
  1: base64Bytes,
  2: (reader) => JSON.stringify(reader.string()),
  3: (reader) => reader.int32().toString(),
  4: (reader) => int64Json(reader.int64()),
  5: (reader) => floatJson(reader.double()),
  6: (reader) => floatJson(reader.float()),
  7: (reader) => (reader.bool() ? 'true' : 'false'),
  8: (reader) => int64Json(reader.int64()),
};

/** Lists (11–18) and sets (22–29) repeat the scalar types 1–8 in the same order; 30 and 31 are uuids, 32 and 33 lists of them. */
function elementType(field: number): number | undefined {
  if (field >= 11 && field <= 18) return field - 10;
  if (field >= 22 && field <= 29) return field - 21;
  return field === 32 || field === 33 ? 2 : undefined;
}

/**
 * Decodes one stored value.
 * @param stored serialized `feast.types.Value`; empty means null
 * @returns JSON text; NaN and infinities become null (JSON has no such numbers)
 * @throws Error when the bytes are no protobuf message or hold a type that is not served
 */
export function valueToJson(stored: Uint8Array): string {
  if (stored.length === 0) return 'null';
  const reader = protobuf.Reader.create(stored);
  let json = 'null';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    json = readField(reader, tag >>> 3, tag & 7);
  }
  return json;
}

function readField(reader: Reader, field: number, wire: number): string {
  const scalar = scalars[field];
  if (scalar !== undefined) return scalar(reader);
  const element = elementType(field);
  if (element !== undefined) return listJson(reader, element);
  if (field === 30 || field === 31) return JSON.stringify(reader.string());
  if (field === 20) return mapJson(reader);
  reader.skipType(wire);
  if (field === 19) return 'null'; // null_val
  throw new Error(`a stored value has the type number ${field}, which this server does not serve`);
}

function listJson(reader: Reader, element: number): string {
  const readOne = scalars[element] ?? base64Bytes;
  const end = reader.uint32() + reader.pos;
  const items: string[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    const packed = (tag & 7) === 2 && element > 2;
    const stop = packed ? reader.uint32() + reader.pos : reader.pos + 1;
    while (reader.pos < stop) items.push(readOne(reader));
  }
  return `[${items.join(',')}]`;
}

/** `map<string, Value>`: entries with the key in field 1 and the value in field 2, each value a message of its own. */
function mapJson(reader: Reader): string {
  const end = reader.uint32() + reader.pos;
  const members: string[] = [];
  while (reader.pos < end) {
    reader.uint32();
    const entryEnd = reader.uint32() + reader.pos;
    let key = '';
    let json = 'null';
    while (reader.pos < entryEnd) {
      if (reader.uint32() >>> 3 === 1) key = reader.string();
      else json = valueToJson(reader.bytes());
    }
    members.push(`${JSON.stringify(key)}:${json}`);
  }
  return `{${members.join(',')}}`;
}

/** protobufjs gives a pair of 32-bit halves; small ones, by far the most, need no bigint. */
function int64Json(value: number | { low: number; high: number }): string {
  if (typeof value === 'number') return value.toString();
  const { low, high } = value;
  if (high === 0) return (low >>> 0).toString();
  return ((BigInt(high) << 32n) | BigInt(low >>> 0)).toString();
}

function base64Bytes(reader: Reader): string {
  const bytes = reader.bytes();
  return JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
}

function floatJson(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const text = value.toString();
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
