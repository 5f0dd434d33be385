/**
 * Finds the replies of Redis (RESP2) in what a socket delivers, without copying a value or making an object of it.
 *
 * The client libraries make a Buffer of each value and write each argument by itself: at 100 entities with 50 features they need
 * ten times the CPU of this (`npm run bench worker`). Only what reads of hashes need is understood: flat arrays of strings and nulls,
 * status lines and errors.
 *
 * @module
 */

/** The other side does not speak RESP, or not what was asked: nothing that comes after can be trusted. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Takes the replies in their order. */
export interface ReplySink {
  /**
   * @param bytes only valid during the call
   * @param places start and end of each value in `bytes`; both -1 for a null
   * @param count number of values
   */
  array: (bytes: Buffer, places: Int32Array, count: number) => void;
  status: (text: string) => void;
  error: (text: string) => void;
}

/** Longest status or error line, and longest reply, bytes: more is no answer to a read of features. */
const longestLine = 64 * 1024;
const longestReply = 256 * 1024 * 1024;
const mostValues = 4 * 1024 * 1024;

const minus = 45;
const dollar = 36;
const star = 42;
const plus = 43;
const carriageReturn = 13;
const newLine = 10;
const zero = 48;
const one = 49;
const nine = 57;

export class ReplyScanner {
  private readonly sink: ReplySink;
  /** What is being scanned: the socket's own chunk, or `kept` when a reply came in parts. */
  private bytes: Buffer = Buffer.alloc(0);
  private kept: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;
  private places = new Int32Array(256);
  /** Values that the reply at `start` has, or -1 while its head is not read; found so far; and where the next begins. */
  private count = -1;
  private found = 0;
  private at = 0;

  constructor(sink: ReplySink) {
    this.sink = sink;
  }

  /**
   * Takes the next bytes, and gives all replies that are whole now to the sink.
   * @throws ProtocolError when they cannot be replies; the connection must be dropped then
   */
  feed(chunk: Buffer): void {
    this.append(chunk);
    while (this.start < this.end && this.scan());
    if (this.start < this.end) this.keepRest();
    else this.end = 0;
  }

  private append(chunk: Buffer): void {
    if (this.end === 0) {
      this.bytes = chunk;
      this.start = 0;
      this.at = 0;
      this.end = chunk.length;
      return;
    }
    const size = this.end + chunk.length;
    if (size > longestReply) throw new ProtocolError(`a reply is longer than ${longestReply} bytes`);
    if (size > this.kept.length) {
      const larger = Buffer.allocUnsafe(2 * size);
      this.kept.copy(larger, 0, 0, this.end);
      this.kept = larger;
    }
    chunk.copy(this.kept, this.end);
    this.bytes = this.kept;
    this.end = size;
  }

  /** The beginning of a reply stays, at the front of a buffer of ours; the places found in it move along. */
  private keepRest(): void {
    if (this.bytes === this.kept && this.start === 0) return;
    const size = this.end - this.start;
    // What one large reply needed is not held for ever.
    if (this.bytes !== this.kept && (this.kept.length < size || this.kept.length > 1024 * 1024)) this.kept = Buffer.allocUnsafe(Math.max(2 * size, 4096));
    this.bytes.copy(this.kept, 0, this.start, this.end);
    if (this.count >= 0 && this.start > 0) this.shift(-this.start);
    this.at -= this.start;
    this.end = size;
    this.start = 0;
    this.bytes = this.kept;
  }

  private shift(by: number): void {
    for (let index = 0; index < 2 * this.found; index++) {
      const place = this.places[index] ?? -1;
      if (place >= 0) this.places[index] = place + by;
    }
  }

  /** @returns false when more bytes are needed */
  private scan(): boolean {
    if (this.count < 0 && !this.scanHead()) return false;
    if (this.count < 0) return true;
    if (!this.scanValues()) return false;
    const count = this.count;
    this.count = -1;
    this.start = this.at;
    this.sink.array(this.bytes, this.places, count);
    return true;
  }

  private scanHead(): boolean {
    const { bytes, start, end } = this;
    const type = bytes[start];
    if (type !== star && type !== plus && type !== minus) throw new ProtocolError(`a reply begins with byte ${type}`);
    const stop = bytes.subarray(start, Math.min(end, start + longestLine)).indexOf('\r\n');
    if (stop < 0) {
      if (end - start >= longestLine) throw new ProtocolError('a reply has a head without an end');
      return false;
    }
    const text = bytes.toString('latin1', start + 1, start + stop);
    this.start = start + stop + 2;
    this.at = this.start;
    if (type === star) this.begin(text);
    else if (type === plus) this.sink.status(text);
    else this.sink.error(bytes.toString('utf8', start + 1, start + stop));
    return true;
  }

  private begin(text: string): void {
    const count = /^\d{1,8}$/.test(text) ? Number(text) : -1;
    if (count < 0 || count > mostValues) throw new ProtocolError(`a reply has ${JSON.stringify(text.slice(0, 40))} values`);
    if (this.places.length < 2 * count) this.places = new Int32Array(2 * count);
    this.count = count;
    this.found = 0;
  }

  private scanValues(): boolean {
    const { end, count } = this;
    while (this.found < count) {
      if (this.at < end && this.bytes[this.at] !== dollar) throw new ProtocolError(`a value begins with byte ${this.bytes[this.at]}`);
      if (this.at + 5 > end) return false; // shorter than a null
      const whole = this.bytes[this.at + 1] === minus ? this.scanNull() : this.scanValue();
      if (!whole) return false;
      this.found++;
    }
    return true;
  }

  private scanNull(): boolean {
    const { bytes, at, found } = this;
    if (bytes[at + 2] !== one || bytes[at + 3] !== carriageReturn || bytes[at + 4] !== newLine) throw new ProtocolError('a value has a negative length');
    this.places[2 * found] = -1;
    this.places[2 * found + 1] = -1;
    this.at = at + 5;
    return true;
  }

  private scanValue(): boolean {
    const { bytes, end, found } = this;
    let digit = this.at + 1;
    let length = 0;
    for (; digit < end; digit++) {
      const byte = bytes[digit] ?? 0;
      if (byte === carriageReturn) break;
      if (byte < zero || byte > nine) throw new ProtocolError('the length of a value is no number');
      length = 10 * length + byte - zero;
      if (length > longestReply) throw new ProtocolError('a value is too long');
    }
    const first = digit + 2;
    const last = first + length;
    if (last + 2 > end) return false;
    if (first === this.at + 3 || bytes[digit + 1] !== newLine || bytes[last] !== carriageReturn || bytes[last + 1] !== newLine) {
      throw new ProtocolError('a value does not end where it should');
    }
    this.places[2 * found] = first;
    this.places[2 * found + 1] = last;
    this.at = last + 2;
    return true;
  }
}
