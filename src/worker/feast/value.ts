/**
 * A stored `feast.types.Value` (protobuf) straight to JSON text, with no object in between: int64 stays exact, floats keep a decimal point.
 * Field numbers: Feast's `protos/feast/types/Value.proto`; JSON forms: its `feature_server_utils.py`.
 *
 * @module
 */
import { asBuffer, readInt32, readInt64, readTag, skipField, WireReader, wire } from './wire.ts';
import { zonedTimestamp } from './zoned-timestamp.ts';

type ReadOne = (reader: WireReader) => string;

/** How a scalar of Feast's type is read, and the wire type that it has. */
interface Scalar {
  readonly wire: number;
  readonly read: ReadOne;
}

const bytesScalar: Scalar = { wire: wire.bytes, read: (reader) => `"${reader.base64()}"` };
const textScalar: Scalar = { wire: wire.bytes, read: (reader) => reader.textJson() };
const int64Scalar: Scalar = { wire: wire.varint, read: readInt64 };

/** Feast's scalar types 1–8. */
const scalars: readonly (Scalar | undefined)[] = [
  undefined,
  bytesScalar,
  textScalar,
  { wire: wire.varint, read: readInt32 },
  int64Scalar,
  { wire: wire.fixed64, read: (reader) => floatJson(reader.double()) },
  { wire: wire.fixed32, read: (reader) => floatJson(reader.float()) },
  { wire: wire.varint, read: (reader) => (reader.isTrue() ? 'true' : 'false') },
  int64Scalar,
];

const listOf = (scalar: Scalar | undefined): ReadOne => (reader) => listJson(reader, scalar ?? bytesScalar);
const list = (readOne: ReadOne): ReadOne => (reader) => messagesJson(reader, readOne);

/** Members of the `oneof` that are texts beyond the scalar types: json, uuid, time uuid, decimal. */
const texts = new Set([32, 36, 37, 44]);

/** Those that are messages, by field number. */
const messages = new Map<number, ReadOne>([
  // Lists and sets of the scalar types, in the same order.
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((type): [number, ReadOne][] => [[10 + type, listOf(scalars[type])], [21 + type, listOf(scalars[type])]]),
  [20, mapJson], // map
  [21, list(mapJson)], // list of maps
  ...[33, 38, 39, 40, 41, 45, 46].map((field): [number, ReadOne] => [field, listOf(textScalar)]), // lists and sets of the texts above
  [34, mapJson], // struct
  [35, list(mapJson)],
  [42, list(nestedJson)], // lists and sets of values
  [43, list(nestedJson)],
  [47, () => 'null'], // a map with keys that are no strings: Feast's server answers null, too
  [48, (reader) => zonedTimestamp(reader)],
]);

/** `null_val`. */
const nullField = 19;
/** Deeper nesting is no feature but an attack on the stack. */
const deepest = 64;

/**
 * Decodes one stored value.
 * @param stored serialized `feast.types.Value`; empty means null
 * @returns JSON text; NaN and infinities become null (JSON has no such numbers)
 * @throws Error when the bytes are no such message or hold a type that is not served
 */
export function valueToJson(stored: Uint8Array): string {
  return valueAt(asBuffer(stored), 0, stored.length);
}

/** As `valueToJson`, of a part of a buffer. The quick way is for the two types that most features have: small integers and doubles. */
export function valueAt(bytes: Buffer, start: number, end: number): string {
  if (start === end) return 'null';
  const tag = bytes[start];
  if ((tag === 0x20 || tag === 0x18) && end - start <= 4) {
    const small = smallInteger(bytes, start + 1, end);
    if (small >= 0) return small.toString();
  } else if (tag === 0x29 && end - start === 9) return floatJson(bytes.readDoubleLE(start + 1));
  return messageJson(new WireReader(bytes, start, end));
}

/** A varint of at most three bytes that ends where the value does, or -1. */
function smallInteger(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start, shift = 0; at < end; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    value |= (byte & 127) << shift;
    if (byte < 128) return at + 1 === end ? value : -1;
  }
  return -1;
}

function messageJson(reader: WireReader): string {
  let json = 'null';
  while (!reader.done) {
    const tag = readTag(reader);
    json = memberJson(reader, tag >>> 3, tag & 7);
  }
  return json;
}

function memberJson(reader: WireReader, field: number, wireType: number): string {
  const scalar = scalars[field];
  if (scalar !== undefined) {
    if (scalar.wire !== wireType) throw new Error(`a stored value has the wire type ${wireType} in field ${field}: it was not written by Feast`);
    return scalar.read(reader);
  }
  if (wireType === wire.bytes) {
    if (texts.has(field)) return reader.textJson();
    const message = messages.get(field);
    if (message !== undefined) return message(reader.nested(deepest));
  }
  skipField(reader, wireType);
  if (field === nullField) return 'null';
  throw new Error(`a stored value has the type number ${field}, which this server does not serve`);
}

/** `repeated T val = 1`, packed or not. */
function listJson(reader: WireReader, scalar: Scalar): string {
  const items: string[] = [];
  while (!reader.done) {
    const tag = readTag(reader);
    if (tag >>> 3 !== 1) skipField(reader, tag & 7);
    else if ((tag & 7) === scalar.wire) items.push(scalar.read(reader));
    else if ((tag & 7) === wire.bytes) for (const packed = reader.nested(deepest); !packed.done;) items.push(scalar.read(packed));
    else throw new Error(`a stored list has the wire type ${tag & 7}: it was not written by Feast`);
  }
  return `[${items.join(',')}]`;
}

/** `repeated Message val = 1`. */
function messagesJson(reader: WireReader, readOne: ReadOne): string {
  const items: string[] = [];
  while (!reader.done) {
    const tag = readTag(reader);
    if (tag === 10) items.push(readOne(reader.nested(deepest)));
    else skipField(reader, tag & 7);
  }
  return `[${items.join(',')}]`;
}

function nestedJson(reader: WireReader): string {
  return messageJson(reader);
}

/** `map<string, Value> val = 1`: entries with the key in field 1 and the value in field 2. Of a key that comes twice the last counts. */
function mapJson(reader: WireReader): string {
  const entries = new Map<string, string>();
  while (!reader.done) {
    const tag = readTag(reader);
    if (tag === 10) readEntry(reader.nested(deepest), entries);
    else skipField(reader, tag & 7);
  }
  return `{${[...entries].map(([key, json]) => `${key}:${json}`).join(',')}}`;
}

function readEntry(reader: WireReader, entries: Map<string, string>): void {
  let key = '""';
  let json = 'null';
  while (!reader.done) {
    const tag = readTag(reader);
    if (tag === 10) key = reader.textJson();
    else if (tag === 18) json = messageJson(reader.nested(deepest));
    else skipField(reader, tag & 7);
  }
  entries.set(key, json);
}

function floatJson(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (!Number.isInteger(value)) return value.toString();
  if (Object.is(value, -0)) return '-0.0';
  const text = value.toString();
  return text.includes('e') ? text : `${text}.0`;
}
