/**
 * Reads protobuf's wire format where it lies, within bounds: a broken length never reads a neighbour's bytes.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';

/** Wire types. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Strings up to this length are looked at byte by byte; JSON.stringify is quicker for longer ones. */
const shortText = 48;

/** The bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export class WireReader {
  private readonly bytes: Buffer;
  private readonly end: number;
  private readonly depth: number;
  private at: number;
  /** The last varint in two halves. */
  low = 0;
  high = 0;

  constructor(bytes: Buffer, start: number, end: number, depth = 0) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.depth = depth;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** Reads a varint of up to ten bytes into `low` and `high` (unsigned halves of 64 bits). */
  varint(): void {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.at >= this.end) throw cut();
      const byte = this.bytes[this.at++] ?? 0;
      const bits = byte & 127;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 128) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new Error('a stored value has a number without an end');
  }

  isTrue(): boolean {
    this.varint();
    return this.low !== 0 || this.high !== 0;
  }

  double(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  float(): number {
    return this.bytes.readFloatLE(this.take(4));
  }

  /** A length-prefixed text as JSON. @throws Error when it is not UTF-8, as protobuf does */
  textJson(): string {
    const length = this.length();
    const start = this.take(length);
    if (length <= shortText && this.isPlain(start, length)) return `"${this.bytes.toString('latin1', start, start + length)}"`;
    if (!isUtf8(this.bytes.subarray(start, start + length))) throw new Error('a stored text is not UTF-8');
    return JSON.stringify(this.bytes.toString('utf8', start, start + length));
  }

  base64(): string {
    const length = this.length();
    const start = this.take(length);
    return this.bytes.toString('base64', start, start + length);
  }

  skip(length: number): void {
    this.take(length);
  }

  /** Length of what comes next. */
  length(): number {
    this.varint();
    if (this.high !== 0) throw cut();
    return this.low;
  }

  /** The length-prefixed message that comes next; this reader goes on behind it. */
  nested(deepest: number): WireReader {
    if (this.depth >= deepest) throw new Error(`a stored value is nested deeper than ${deepest} levels`);
    const length = this.length();
    const start = this.take(length);
    return new WireReader(this.bytes, start, start + length, this.depth + 1);
  }

  /** Only characters that JSON writes as they are, one byte each. */
  private isPlain(start: number, length: number): boolean {
    for (let at = start; at < start + length; at++) {
      const byte = this.bytes[at] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false;
    }
    return true;
  }

  private take(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw cut();
    this.at = start + length;
    return start;
  }
}

/** Field number and wire type. */
export function readTag(reader: WireReader): number {
  reader.varint();
  if (reader.high !== 0 || reader.low < 8) throw new Error('a stored value has a field without a number');
  return reader.low;
}

/** An int32; negative ones are written with 64 bits. */
export function readInt32(reader: WireReader): string {
  reader.varint();
  return (reader.low | 0).toString();
}

/** An int64, exact; those that a double holds, by far the most, need no bigint. */
export function readInt64(reader: WireReader): string {
  reader.varint();
  const { low, high } = reader;
  if (high === 0) return low.toString();
  const near = (high | 0) * 4294967296 + low;
  if (Number.isSafeInteger(near)) return near.toString();
  return ((BigInt(high | 0) << 32n) | BigInt(low)).toString();
}

/** Leaves a field out. */
export function skipField(reader: WireReader, wireType: number): void {
  if (wireType === wire.varint) reader.varint();
  else if (wireType === wire.fixed64) reader.skip(8);
  else if (wireType === wire.fixed32) reader.skip(4);
  else if (wireType === wire.bytes) reader.skip(reader.length());
  else throw new Error(`a stored value has the wire type ${wireType}, which protobuf does not know`);
}

function cut(): Error {
  return new Error('a stored value is cut off');
}
