/**
 * The open connections of a process, and which of them end with their next answer.
 *
 * @module
 */
import type { Socket } from 'node:net';

/** Ages are spread by this share, so that connections opened together do not all come back together. */
const jitter = 0.2;

interface Connection {
  oldAt: number;
  openedAt: number;
  openedTurn: number;
  /** Requests that came on it, and those not answered yet: more than one when the client pipelines. */
  requests: number;
  unanswered: number;
}

export class Connections {
  private readonly open = new Map<Socket, Connection>();
  private readonly maxAgeMs: number;
  private readonly now: () => number;
  private readonly random: () => number;
  private ending = false;

  constructor(maxAgeMs: number, now: () => number, random: () => number) {
    this.maxAgeMs = maxAgeMs;
    this.now = now;
    this.random = random;
  }

  get size(): number {
    return this.open.size;
  }

  add(socket: Socket, arrivedAt: number, turn: number): void {
    const oldAt = arrivedAt + this.maxAgeMs * (1 - jitter / 2 + jitter * this.random());
    this.open.set(socket, { oldAt, openedAt: arrivedAt, openedTurn: turn, requests: 0, unanswered: 0 });
    socket.once('close', () => this.open.delete(socket));
  }

  /**
   * A request begins. A connection that was opened for it can have waited unread for a turn or two; then it arrived with the connection.
   * @returns when the request arrived, given when it was read
   */
  begin(socket: Socket, readAt: number, turn: number): number {
    const connection = this.open.get(socket);
    if (connection === undefined) return readAt;
    connection.unanswered++;
    const fresh = connection.requests++ === 0 && turn - connection.openedTurn <= 2;
    return fresh ? Math.min(readAt, connection.openedAt) : readAt;
  }

  end(socket: Socket): void {
    const connection = this.open.get(socket);
    if (connection !== undefined) connection.unanswered--;
  }

  /** Whether the answer that is being written should be the connection's last. */
  isLast(socket: Socket): boolean {
    const connection = this.open.get(socket);
    return this.ending || (connection !== undefined && this.now() >= connection.oldAt);
  }

  /** All connections end with their next answer. */
  endAll(): void {
    this.ending = true;
  }

  /** A share of the connections ends with the next answer. */
  endShare(share: number): void {
    for (const connection of this.open.values()) {
      if (this.random() < share) connection.oldAt = 0;
    }
  }

  /** Closes those on which no request is under way. */
  closeIdle(): void {
    for (const [socket, connection] of this.open) if (connection.unanswered === 0) socket.destroy();
  }
}
