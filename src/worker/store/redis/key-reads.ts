/**
 * The commands of one request on one connection, and what came back.
 *
 * @module
 */
import { StoreUnavailable, UnreadableValue } from '../online-store.ts';
import type { Batch } from './batch.ts';
import type { HashRead } from './hash-read.ts';
import type { RedisLink } from './link.ts';
import { meaningOf } from './refusals.ts';
import type { Elsewhere } from './refusals.ts';
import { ProtocolError } from './reply-scanner.ts';

/** One HMGET: a key of a hash read. */
export interface KeyRead {
  readonly hash: HashRead;
  readonly key: number;
}

/** A key that another node of the cluster has. */
export interface Redirection {
  readonly read: KeyRead;
  readonly to: Elsewhere;
}

export interface KeyReadsOutcome {
  /** All replies are in. */
  done: (redirections: readonly Redirection[]) => void;
  failed: (error: Error) => void;
}

const asking = Buffer.from('*1\r\n$6\r\nASKING\r\n', 'latin1');

/**
 * Sends the commands.
 *
 * @param ask whether each command needs `ASKING` before it: a slot is on its way to this node
 * @throws StoreUnavailable when the connection is down; then the outcome hears nothing
 */
export function sendKeyReads(link: RedisLink, reads: readonly KeyRead[], outcome: KeyReadsOutcome, ask = false): void {
  link.send(encode(reads, ask), new KeyReads(link, reads, outcome, ask));
}

function encode(reads: readonly KeyRead[], ask: boolean): Buffer {
  let size = 0;
  for (const { hash, key } of reads) size += hash.commandSize(keyOf(hash, key)) + (ask ? asking.length : 0);
  const bytes = Buffer.allocUnsafe(size);
  let end = 0;
  for (const { hash, key } of reads) {
    if (ask) end += asking.copy(bytes, end);
    end = hash.writeCommand(bytes, end, keyOf(hash, key));
  }
  return bytes.subarray(0, end);
}

const noKey: Buffer = Buffer.alloc(0);

function keyOf(hash: HashRead, key: number): Buffer {
  return hash.keys[key] ?? noKey;
}

class KeyReads implements Batch {
  readonly commands: number;
  private readonly link: RedisLink;
  private readonly reads: readonly KeyRead[];
  private readonly outcome: KeyReadsOutcome;
  private readonly perRead: number;
  private readonly redirections: Redirection[] = [];
  private error: Error | undefined;

  constructor(link: RedisLink, reads: readonly KeyRead[], outcome: KeyReadsOutcome, ask: boolean) {
    this.link = link;
    this.reads = reads;
    this.outcome = outcome;
    this.perRead = ask ? 2 : 1;
    this.commands = reads.length * this.perRead;
  }

  values(command: number, bytes: Buffer, places: Int32Array, count: number): void {
    if (this.perRead === 2 && command % 2 === 0) throw new ProtocolError('values came where the OK of ASKING was due');
    const read = this.readOf(command);
    if (this.error !== undefined) return;
    try {
      read.hash.take(read.key, bytes, places, count);
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      this.error = error;
    }
  }

  status(command: number, text: string): void {
    if (this.perRead === 1 || command % 2 === 1 || text !== 'OK') throw new Error(`"${text.slice(0, 40)}" came where values were due`);
  }

  refused(command: number, text: string): void {
    const meaning = meaningOf(text);
    if (meaning.kind === 'data') this.error ??= new UnreadableValue(`${this.link.name} answers "${text.slice(0, 200)}": a key of this project does not hold features`);
    else if (meaning.kind === 'down') {
      this.link.refuses(text, meaning.advice);
      this.error = new StoreUnavailable(this.link.problem ?? text);
    } else this.redirections.push({ read: this.readOf(command), to: meaning });
  }

  done(): void {
    if (!(this.error instanceof StoreUnavailable)) this.link.worked();
    if (this.error === undefined) this.outcome.done(this.redirections);
    else this.outcome.failed(this.error);
  }

  failed(error: Error): void {
    this.outcome.failed(error);
  }

  private readOf(command: number): KeyRead {
    const read = this.reads[Math.floor(command / this.perRead)];
    if (read === undefined) throw new Error('a reply came that nobody had asked for');
    return read;
  }
}
