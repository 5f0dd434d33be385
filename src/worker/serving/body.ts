/**
 * Collects a request body up to a bound.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';

export type Body = { kind: 'whole'; bytes: Buffer } | { kind: 'tooLarge' } | { kind: 'gone' };

/**
 * Reads the whole body.
 * @param done called once; `gone` when the client went away first
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Body) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done({ kind: 'tooLarge' });
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let settled = false;
  const settle = (body: Body): void => {
    if (settled) return;
    settled = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) settle({ kind: 'tooLarge' });
    else if (!settled) chunks.push(chunk);
  });
  request.on('end', () => settle({ kind: 'whole', bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) }));
  request.on('close', () => settle({ kind: 'gone' }));
  request.on('error', () => settle({ kind: 'gone' }));
}
