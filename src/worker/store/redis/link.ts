/**
 * One connection to one Redis server: comes back by itself, answers or fails within a bound, and never gives a reply to another question.
 *
 * The library connects, speaks TLS, authenticates and asks sentinels. Once a connection is ready its socket is read and written here
 * (why: reply-scanner.ts), and the library only watches it close.
 *
 * @module
 */
import { errorMessage } from '../../error-message.ts';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { StoreUnavailable } from '../online-store.ts';
import { Backoff } from './backoff.ts';
import type { Batch } from './batch.ts';
import { connectBatch, connectCommands } from './probe.ts';
import { ReplyQueue } from './reply-queue.ts';

/** Shortest time for the handshake of a new connection: TLS takes several round trips. */
const shortestHandshakeMs = 2000;
/** Batches whose time is over and that are still in the way of others: more, and the connection is given up. */
const mostGivenUp = 1024;
const stateMs = 250;

/** The library's options, but for the one that changes the types of its replies. */
export type LinkOptions = Omit<RedisOptions, 'replyMapping'>;

export interface LinkInput {
  /** Made anew for each connection, so that renewed certificates count. @throws Error when a file cannot be read */
  readonly options: () => LinkOptions;
  readonly db: number;
  /** The server's name in messages. */
  readonly name: string;
  readonly timeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  /** Called before what has arrived is worked on. */
  readonly beforeReading: () => void;
}

export class RedisLink {
  /** Why nothing can be read; undefined while all is well. */
  problem: string | undefined;
  readonly name: string;
  private readonly input: LinkInput;
  private client: Redis | undefined;
  private readonly backoff: Backoff;
  private replies = new ReplyQueue();
  private socket: Socket | undefined;
  private ready = false;
  private heardAt = 0;
  private wellAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly awaiting = new Set<() => void>();

  constructor(input: LinkInput) {
    this.input = input;
    this.name = input.name;
    this.problem = `${input.name} has not been reached yet`;
    this.backoff = new Backoff(input.random);
    this.open();
  }

  /** Whether batches can be sent now. */
  get isReady(): boolean {
    return this.ready;
  }

  /** Resolves when batches can be sent, or as long after as a read may take. */
  async readyOrLate(): Promise<void> {
    if (this.ready) return;
    await new Promise<void>((resolve) => {
      this.awaiting.add(resolve);
      setTimeout(() => {
        this.awaiting.delete(resolve);
        resolve();
      }, this.input.timeoutMs).unref();
    });
  }

  /**
   * Sends commands; the batch hears of them in any case.
   * @throws StoreUnavailable when there is no connection now; then the batch hears nothing
   */
  send(bytes: Buffer, batch: Batch): void {
    if (!this.ready || this.socket === undefined) throw new StoreUnavailable(this.problem ?? `${this.name} is not connected`);
    this.write(this.socket, bytes, batch);
  }

  /** A read has been answered as it should be. */
  worked(): void {
    this.wellAt = this.input.now();
    if (this.problem !== undefined && this.ready) this.problem = undefined;
    this.backoff.reset();
  }

  /** The server answers, but with a refusal that concerns all reads. */
  refuses(text: string, advice: string): void {
    this.problem = `${this.name} answers "${text.slice(0, 200)}": ${advice}`;
    if (text.startsWith('NOAUTH')) this.drop(this.problem); // a new connection authenticates
  }

  close(): void {
    this.closed = true;
    this.wake();
    clearTimeout(this.timer);
    this.client?.disconnect();
    this.socket?.destroy();
    this.replies.fail(new StoreUnavailable('the store is closed'));
  }

  private wake(): void {
    for (const resolve of this.awaiting) resolve();
    this.awaiting.clear();
  }

  private open(): void {
    let options: LinkOptions;
    try {
      options = this.input.options();
    } catch (error) {
      this.lose(errorMessage(error));
      setTimeout(() => this.closed || this.open(), this.backoff.next()).unref();
      return;
    }
    const client = new Redis({ ...options, ...this.ownOptions() });
    this.client = client;
    client.on('connecting', () => this.limitHandshake(client));
    client.on('ready', () => this.takeOver(client));
    client.on('error', (error: unknown) => {
      this.lose(errorMessage(error));
      this.quieten(client);
    });
    client.connect().catch(() => undefined); // told by the event
  }

  /** The library hears a socket's first error only; a second one, such as TLS brings, would end this process. */
  private quieten(client: Redis): void {
    const stream: Socket | undefined = client.stream;
    stream?.on('error', () => undefined);
  }

  private ownOptions(): LinkOptions {
    return {
      lazyConnect: true,
      protocol: 2,
      disableClientInfo: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: this.handshakeMs,
      sentinelCommandTimeout: this.handshakeMs,
      retryStrategy: () => this.retry(),
      sentinelRetryStrategy: () => this.backoff.next(),
    };
  }

  /** @returns milliseconds until the next attempt */
  private retry(): number {
    try {
      const { tls } = this.input.options();
      if (this.client !== undefined && tls !== undefined) this.client.options.tls = tls;
    } catch {
      // The files are being renewed: once more with what they held.
    }
    return this.backoff.next();
  }

  private write(socket: Socket, bytes: Buffer, batch: Batch): void {
    this.replies.add(batch, this.input.now());
    socket.write(bytes);
    if (this.timer === undefined) this.watch(this.input.timeoutMs);
  }

  /** A server that is frozen accepts connections and says nothing; the library would wait for ever. */
  private limitHandshake(client: Redis): void {
    const stop = (): void => clearInterval(limit);
    // More than once: the sentinels are asked first, each with a limit of its own, and until one has answered there is no connection.
    const limit = setInterval(() => {
      if (this.closed || client.status === 'ready' || client.status === 'end') stop();
      else this.giveUpHandshake(client);
    }, 2 * this.handshakeMs);
    limit.unref();
    client.once('ready', stop);
    client.once('close', stop);
  }

  private giveUpHandshake(client: Redis): void {
    // The library declares it, but has none before a sentinel has named a master; meanwhile it says itself what is wrong.
    const stream: Socket | undefined = client.stream;
    if (stream === undefined || stream.destroyed) return;
    this.lose('it accepts connections and does not answer');
    stream.destroy();
  }

  private get handshakeMs(): number {
    return Math.max(shortestHandshakeMs, this.input.timeoutMs);
  }

  private takeOver(client: Redis): void {
    const socket: Socket = client.stream;
    if (this.closed) return;
    // Nothing is under way: commands of ours never go through the library, and its handshake is answered.
    socket.removeAllListeners('data');
    this.quieten(client);
    this.replies = new ReplyQueue();
    this.socket = socket;
    this.heardAt = this.input.now();
    socket.on('data', (chunk: Buffer) => this.read(socket, chunk));
    socket.once('close', () => this.leave(socket));
    this.ask(socket);
  }

  /** The server has to choose the database and to answer once before it counts as reached. */
  private ask(socket: Socket): void {
    const { db, timeoutMs } = this.input;
    const batch = connectBatch(db, {
      well: () => {
        this.ready = true;
        this.problem = undefined;
        this.wake();
      },
      refused: (text, advice) => {
        this.refuses(text, advice);
        setTimeout(() => {
          if (this.socket === socket) this.ask(socket);
        }, Math.min(stateMs, timeoutMs)).unref();
      },
      failed: () => undefined, // what failed it has said why
    });
    this.write(socket, connectCommands(db), batch);
  }

  private read(socket: Socket, chunk: Buffer): void {
    this.input.beforeReading();
    this.heardAt = this.input.now();
    if (socket !== this.socket) return;
    try {
      this.replies.feed(chunk);
    } catch (error) {
      // A reply that made us drop the connection leaves others behind it, which nobody waits for any more.
      if (socket === this.socket) this.drop(`it sends what is no reply: ${errorMessage(error)}`);
    }
  }

  private watch(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.expire();
    }, Math.max(1, afterMs));
  }

  /** Fails what is overdue. A connection that has been silent meanwhile is dropped; one that is slow goes on, and its late replies are thrown away. */
  private expire(): void {
    const { now, timeoutMs } = this.input;
    const oldest = this.replies.oldestSentAt;
    if (oldest === undefined) return;
    const at = now();
    if (oldest + timeoutMs <= at) this.overdue(oldest, at);
    const next = this.replies.oldestSentAt;
    if (next !== undefined && this.timer === undefined) this.watch(next + timeoutMs - at);
  }

  private overdue(oldest: number, at: number): void {
    const { timeoutMs } = this.input;
    const why = `it did not answer within ${timeoutMs} ms`;
    if (this.wellAt < oldest) this.problem = this.sentence(why);
    const silent = this.heardAt <= oldest;
    this.replies.giveUp(at - timeoutMs, new StoreUnavailable(this.sentence(why)));
    if (silent || this.replies.givenUp > mostGivenUp) this.drop(why);
  }

  private drop(why: string): void {
    this.lose(why);
    this.socket?.destroy();
    if (this.socket !== undefined) this.leave(this.socket);
  }

  private lose(why: string): void {
    if (this.closed) return;
    // Of several reasons for one loss the first one tells most.
    if (this.problem === undefined || !this.ready) this.problem = this.sentence(why);
    this.ready = false;
  }

  private leave(socket: Socket): void {
    if (socket !== this.socket) return;
    if (this.ready) this.lose('it closed the connection');
    this.socket = undefined;
    this.ready = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.replies.fail(new StoreUnavailable(this.problem ?? this.sentence('the connection is gone')));
  }

  private sentence(why: string): string {
    return `online store ${this.name} cannot be read: ${why}`;
  }
}
