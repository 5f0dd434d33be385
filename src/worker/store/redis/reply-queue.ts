/**
 * The batches that one connection has been sent and not answered yet, in order: a reply belongs to the oldest one, also when that one has
 * been given up meanwhile.
 *
 * @module
 */
import type { Batch } from './batch.ts';
import { ProtocolError, ReplyScanner } from './reply-scanner.ts';

interface Pending {
  readonly batch: Batch;
  readonly sentAt: number;
  answered: number;
  /** Its deadline has passed: its replies are read and dropped. */
  givenUp: boolean;
}

export class ReplyQueue {
  private readonly scanner: ReplyScanner;
  private queue: Pending[] = [];
  private head = 0;
  /** How many of the oldest have been given up; all of them are at the front. */
  private abandoned = 0;

  constructor() {
    this.scanner = new ReplyScanner({
      array: (bytes, places, count) => this.answer((batch, command) => batch.values(command, bytes, places, count)),
      status: (text) => this.answer((batch, command) => batch.status(command, text)),
      error: (text) => this.answer((batch, command) => batch.refused(command, text)),
    });
  }

  get size(): number {
    return this.queue.length - this.head;
  }

  get givenUp(): number {
    return this.abandoned;
  }

  /** When the oldest batch that is still waited for was sent; undefined when there is none. */
  get oldestSentAt(): number | undefined {
    return this.queue[this.head + this.abandoned]?.sentAt;
  }

  add(batch: Batch, now: number): void {
    this.queue.push({ batch, sentAt: now, answered: 0, givenUp: false });
  }

  /** Takes bytes from the socket. @throws ProtocolError; the connection must be dropped then */
  feed(chunk: Buffer): void {
    this.scanner.feed(chunk);
  }

  /** Gives up what was sent before a moment. @returns how many */
  giveUp(sentBefore: number, error: Error): number {
    let count = 0;
    for (let next = this.queue[this.head + this.abandoned]; next !== undefined && next.sentAt <= sentBefore; next = this.queue[this.head + this.abandoned]) {
      next.givenUp = true;
      this.abandoned++;
      count++;
      next.batch.failed(error);
    }
    return count;
  }

  /** The connection is gone: nothing will be answered any more. */
  fail(error: Error): void {
    const lost = this.queue.slice(this.head + this.abandoned);
    this.queue = [];
    this.head = 0;
    this.abandoned = 0;
    for (const { batch } of lost) batch.failed(error);
  }

  private answer(give: (batch: Batch, command: number) => void): void {
    const pending = this.queue[this.head];
    if (pending === undefined) throw new ProtocolError('a reply came that nobody had asked for');
    const command = pending.answered++;
    if (!pending.givenUp) give(pending.batch, command);
    if (pending.answered < pending.batch.commands) return;
    this.forget(pending);
    if (!pending.givenUp) pending.batch.done();
  }

  private forget(pending: Pending): void {
    this.head++;
    if (pending.givenUp) this.abandoned--;
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    } else if (this.head >= 512) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
  }
}
