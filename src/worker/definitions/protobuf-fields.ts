/**
 * Reads the fields of a protobuf message that somebody wants, and steps over the others.
 *
 * @module
 */
import protobuf from 'protobufjs/minimal.js';

/** One field's content: a number for varints, else its bytes (a view, not a copy). */
export interface Field {
  readonly number: number;
  readonly integer: number;
  readonly bytes: Uint8Array;
}

const none = new Uint8Array();
const varint = 0;
const lengthDelimited = 2;

/**
 * The fields of a message in their order; those that are neither varints nor length-delimited are left out.
 * A varint beyond 2^53 is rounded: what is read here are booleans, enums and small counts.
 *
 * @throws Error when the bytes are no protobuf message, or end too early
 */
export function* readFields(message: Uint8Array): Generator<Field> {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const wire = tag & 7;
    const number = tag >>> 3;
    if (number === 0) throw new Error('a field has the number 0');
    if (wire === varint) yield { number, integer: Number(reader.int64()), bytes: none };
    else if (wire === lengthDelimited) yield { number, integer: 0, bytes: reader.bytes() };
    else reader.skipType(wire);
  }
}

/** The text of a field. */
export const text = ({ bytes }: Field): string => decoder.decode(bytes);

const decoder = new TextDecoder();

/** A map field's entry: key and value are fields 1 and 2 of a message. */
export const mapEntry = (entry: Uint8Array): [key: string, value: string] => {
  let key = '';
  let value = '';
  for (const field of readFields(entry)) {
    if (field.number === 1) key = text(field);
    else if (field.number === 2) value = text(field);
  }
  return [key, value];
};
