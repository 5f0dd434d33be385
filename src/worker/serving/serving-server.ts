/**
 * The HTTP server of one serving process, with the time limits that keep slow clients from holding it.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Socket } from 'node:net';
import type { Pool } from './feature-route.ts';
import { route } from './routes.ts';

/** Sockets that say nothing for so long in the middle of an answer are dropped. */
const stalledMs = 60_000;

/** Builds the server; it never listens, the primary gives it its connections. */
export function createServingServer(pool: Pool): Server {
  const { settings } = pool;
  const server = createServer(
    {
      headersTimeout: settings.headersTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, settings.headersTimeoutMs),
    },
    (request, response) => route(pool, request, response),
  );
  server.timeout = stalledMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!(socket instanceof Socket) || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, detail] = describe(error);
    const body = JSON.stringify({ detail });
    const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`;
    socket.end(`${head}\r\n\r\n${body}`);
  });
  return server;
}

function describe(error: NodeJS.ErrnoException): [status: string, detail: string] {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['408 Request Timeout', 'The request took too long to arrive.'];
  if (error.code === 'HPE_HEADER_OVERFLOW') return ['431 Request Header Fields Too Large', 'The headers are too large.'];
  return ['400 Bad Request', 'Invalid HTTP request received.'];
}
