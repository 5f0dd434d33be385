/**
 * The serving port of the small server: feature requests, and how connections end.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FeatureAnswer, Pool } from './pool.ts';

export interface Serving {
  readonly server: Server;
  /** From now on each connection ends with its next answer. */
  readonly endConnections: () => void;
  readonly dropConnections: () => void;
}

export const createServing = (pool: Pool, maxAgeMs: number): Serving => {
  const oldAt = new Map<Socket, number>();
  let isEnding = false;
  const jitter = (): number => (pool.fault === 'ages-without-jitter' ? 1 : 0.9 + 0.2 * Math.random());
  const isOld = (socket: Socket): boolean => pool.fault !== 'connections-for-ever' && performance.now() >= (oldAt.get(socket) ?? Infinity);

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST' || request.url !== '/get-online-features' || pool.fault === 'no-features') {
      request.resume();
      response.writeHead(404).end('{}');
      return;
    }
    // The body says nothing to this server, but a request is whole only with it.
    for await (const _ of request);
    write(response, await pool.serve(), lastWord(request.socket, response));
  };

  /** Headers of an answer after which the connection ends. */
  const lastWord = (socket: Socket, response: ServerResponse): Record<string, string> => {
    if (isEnding) return pool.fault === 'keeps-connections' ? {} : { connection: 'close' };
    if (!isOld(socket)) return {};
    if (pool.fault !== 'closes-without-a-word') return { connection: 'close' };
    response.once('finish', () => socket.destroy());
    return {};
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket: Socket) => {
    oldAt.set(socket, performance.now() + maxAgeMs * jitter());
    socket.once('close', () => oldAt.delete(socket));
  });
  return {
    server,
    endConnections: () => {
      isEnding = true;
    },
    dropConnections: () => {
      for (const socket of oldAt.keys()) socket.resetAndDestroy();
    },
  };
};

const write = (response: ServerResponse, { status, body, retryAfter }: FeatureAnswer, closing: Record<string, string>): void => {
  const later: Record<string, string> = retryAfter === true ? { 'retry-after': '1' } : {};
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...closing, ...later }).end(body);
};
