/**
 * What a request wants, as HMGETs, and their replies as JSON text.
 *
 * All views with the same join keys are fields of one hash: what a request wants of them for an entity is one HMGET.
 *
 * @module
 */
import { errorMessage } from '../../error-message.ts';
import { valueAt } from '../../feast/value.ts';
import { UnreadableValue } from '../online-store.ts';
import type { ViewFound, ViewRead } from '../online-store.ts';
import { timestampJson } from './stored-timestamp.ts';
import { ProtocolError } from './reply-scanner.ts';
import { ViewFields } from './view-fields.ts';

/** One view's part of a hash. */
interface Part {
  readonly read: ViewRead;
  readonly values: (string | undefined)[][];
  readonly times: (string | undefined)[];
}

const longestHead = 48;

/** Views that are read from the same hashes. */
export class HashRead {
  /** Without the project. */
  readonly keys: readonly Buffer[];
  private readonly parts: Part[] = [];
  private readonly project: Buffer;
  private fields = 0;
  private madeTail: Buffer | undefined;
  private madeHead = '';
  private headLength = -1;

  constructor(keys: readonly Buffer[], project: Buffer) {
    this.keys = keys;
    this.project = project;
  }

  /** @returns what will have been found of the view when all replies have been taken */
  add(read: ViewRead): ViewFound {
    const part: Part = { read, values: read.features.map(() => Array<string | undefined>(read.keys.length)), times: Array<string | undefined>(read.keys.length) };
    this.parts.push(part);
    this.fields += read.features.length + 1;
    return part;
  }

  /** The arguments behind the key: the same for each entity. Call it when all views are added. */
  get tail(): Buffer {
    return (this.madeTail ??= this.makeTail());
  }

  private makeTail(): Buffer {
    const [first, ...more] = this.parts.map(({ read }) => ViewFields.of(read.view).arguments(read.features));
    return first === undefined || more.length > 0 ? Buffer.concat(first === undefined ? [] : [first, ...more]) : first;
  }

  /** Bytes that one command takes at most. */
  commandSize(key: Buffer): number {
    return longestHead + key.length + this.project.length + 2 + this.tail.length;
  }

  /** Writes the command of one key. @returns where it ends */
  writeCommand(target: Buffer, at: number, key: Buffer): number {
    const { project, tail } = this;
    let end = at + target.write(this.head(key.length + project.length), at, 'latin1');
    end += key.copy(target, end);
    end += project.copy(target, end);
    target[end] = 13;
    target[end + 1] = 10;
    end += 2;
    return end + tail.copy(target, end);
  }

  private head(keyLength: number): string {
    if (this.headLength !== keyLength) {
      this.madeHead = `*${this.fields + 2}\r\n$5\r\nHMGET\r\n$${keyLength}\r\n`;
      this.headLength = keyLength;
    }
    return this.madeHead;
  }

  /**
   * Takes the reply of one key.
   * @throws ProtocolError when it has not the number of fields that were asked for, UnreadableValue when a value is none of Feast's
   */
  take(key: number, bytes: Buffer, places: Int32Array, count: number): void {
    if (count !== this.fields) throw new ProtocolError(`${count} values came where ${this.fields} were due`);
    let place = 0;
    for (const part of this.parts) {
      const { features } = part.read;
      for (const [index, column] of part.values.entries()) {
        const start = places[place++] ?? -1;
        const end = places[place++] ?? -1;
        if (start >= 0) column[key] = decode(part, features[index], bytes, start, end);
      }
      const start = places[place++] ?? -1;
      const end = places[place++] ?? -1;
      if (start >= 0) part.times[key] = readTime(part, bytes, start, end);
    }
  }
}

function decode({ read }: Part, feature: string | undefined, bytes: Buffer, start: number, end: number): string {
  try {
    return valueAt(bytes, start, end);
  } catch (error) {
    throw unreadable(`${read.view.name}:${feature}`, error);
  }
}

function readTime({ read }: Part, bytes: Buffer, start: number, end: number): string {
  try {
    return timestampJson(bytes, start, end);
  } catch (error) {
    throw unreadable(read.view.name, error);
  }
}

function unreadable(what: string, error: unknown): UnreadableValue {
  return new UnreadableValue(`${what} cannot be read: ${errorMessage(error)}`);
}

/** Groups what belongs to the same hashes. @returns the reads, and what each view will have found, in the order of `reads` */
export function groupReads(reads: readonly ViewRead[], project: Buffer): { hashes: HashRead[]; found: ViewFound[] } {
  const hashes: HashRead[] = [];
  const found = reads.map((read) => {
    let hash = hashes.find(({ keys }) => sameKeys(keys, read.keys));
    if (hash === undefined) hashes.push((hash = new HashRead(read.keys, project)));
    return hash.add(read);
  });
  return { hashes, found };
}

/** An entity key says itself which join keys it is of. */
function sameKeys(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a === b || (a.length === b.length && a.every((key, index) => key.equals(b[index] ?? key)));
}
