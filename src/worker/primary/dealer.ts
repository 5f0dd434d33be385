/**
 * Accepts connections and deals them round robin to the serving processes, with the moment of their accept.
 *
 * Node's cluster module does the same without telling when: a process takes one connection in each turn of its loop, so under
 * clients that connect for each request the queue builds up in the primary, where no latency metric would see it (a client's
 * p95 of 6.6 s against 14 ms measured in the process, seen in test/bench/worker). The listening socket stays here, so a
 * process that retires or dies takes no waiting connection with it.
 *
 * @module
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Who takes connections. */
export interface Taker {
  /** Hands a connection over; `taken` is called when the process has it and wants the next one. */
  give: (socket: Socket, acceptedAt: number, taken: () => void) => void;
}

interface Waiting {
  socket: Socket;
  acceptedAt: number;
}

const body = JSON.stringify({ detail: 'The pool and its queue are full; try again.' });
const refusal = [
  'HTTP/1.1 503 Service Unavailable',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(body)}`,
  'retry-after: 1',
  'connection: close',
  '',
  body,
].join('\r\n');
/** A refused client may still be sending; closing at once would reset the connection before it has read its answer. */
const lingerMs = 1000;
/**
 * A process that is short of file descriptors cannot receive a connection, and nobody hears of it: after so long it is offered
 * the next one. One that is merely busy for so long has one more connection waiting.
 */
const lostMs = 2000;

export class Dealer {
  readonly server: Server;
  /** Connections refused since too many waited. */
  refused = 0;
  private readonly now: () => number;
  private readonly waiting: Waiting[] = [];
  private free: Taker[] = [];
  private readonly takers = new Set<Taker>();
  private bound = 64;

  /** @param now milliseconds of the clock that all processes of the machine share */
  constructor(now: () => number) {
    this.now = now;
    this.server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.accept(socket));
  }

  /** Connections that no process has taken yet. */
  get depth(): number {
    return this.waiting.length;
  }

  /** How many connections may wait. */
  setBound(bound: number): void {
    this.bound = bound;
  }

  add(taker: Taker): void {
    this.takers.add(taker);
    this.release(taker);
  }

  /** From now on this one gets no connection. What it was given before, it has. */
  remove(taker: Taker): void {
    this.takers.delete(taker);
    this.free = this.free.filter((other) => other !== taker);
  }

  private accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.waiting.length >= this.bound) this.refuse(socket);
    else {
      this.waiting.push({ socket, acceptedAt: this.now() });
      this.deal();
    }
  }

  private release(taker: Taker): void {
    if (!this.takers.has(taker)) return;
    this.free.push(taker);
    this.deal();
  }

  private deal(): void {
    while (this.waiting.length > 0 && this.free.length > 0) {
      const next = this.waiting.shift();
      const taker = this.free.shift();
      if (next !== undefined && taker !== undefined) this.hand(next, taker);
    }
  }

  private hand({ socket, acceptedAt }: Waiting, taker: Taker): void {
    let over = false;
    const done = (): void => {
      if (over) return;
      over = true;
      clearTimeout(lost);
      this.release(taker);
    };
    const lost = setTimeout(done, lostMs).unref();
    taker.give(socket, acceptedAt, done);
  }

  private refuse(socket: Socket): void {
    this.refused++;
    socket.end(refusal);
    socket.resume();
    setTimeout(() => socket.destroy(), lingerMs).unref();
  }
}
