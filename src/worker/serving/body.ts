/**
 * Collects a request body up to a bound.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';

export type Body = { kind: 'whole'; bytes: Buffer } | { kind: 'tooLarge' } | { kind: 'noRoom' } | { kind: 'gone' };

/** Bounds the memory of all bodies that are being read or wait in the queue. */
export class BodyRoom {
  private left: number;

  constructor(bytes: number) {
    this.left = bytes;
  }

  /** Takes room; false when there is none, and then nothing was taken. */
  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.left += bytes;
  }
}

/**
 * Reads the whole body.
 * @param room what is read counts against it; for a whole body the caller gives it back
 * @param done called once; `gone` when the client went away first
 */
export function readBody(request: IncomingMessage, maxBytes: number, room: BodyRoom, done: (body: Body) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done({ kind: 'tooLarge' });
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  let settled = false;
  const settle = (body: Body): void => {
    if (settled) return;
    settled = true;
    if (body.kind !== 'whole') room.giveBack(held);
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (settled) return;
    if (size > maxBytes) settle({ kind: 'tooLarge' });
    else if (!room.take(chunk.length)) settle({ kind: 'noRoom' });
    else {
      held += chunk.length;
      chunks.push(chunk);
    }
  });
  request.on('end', () => settle({ kind: 'whole', bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) }));
  request.on('close', () => settle({ kind: 'gone' }));
  request.on('error', () => settle({ kind: 'gone' }));
}
