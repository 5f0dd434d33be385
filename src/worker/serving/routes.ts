/**
 * The serving port's routes.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { plainDetail } from '../feast/refusal.ts';
import { send, serveFeatures } from './feature-route.ts';
import type { Pool } from './feature-route.ts';

/** Feast's routes that write: not offered. */
const writing = new Set(['/push', '/write-to-online-store', '/materialize', '/materialize-incremental']);

/** Answers one request. */
export function route(pool: Pool, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split('?', 1)[0] ?? '/';
  if (path === '/get-online-features' && request.method === 'POST') serveFeatures(pool, request, response);
  else routeOther(pool, path, request, response);
}

function routeOther(pool: Pool, path: string, request: IncomingMessage, response: ServerResponse): void {
  const { method } = request;
  request.resume();
  if (path === '/health' && (method === 'GET' || method === 'HEAD')) {
    response.writeHead(200, { 'content-length': 0, ...(pool.connections.isLast(request.socket) ? { connection: 'close' } : {}) }).end();
    return;
  }
  const { status, body } = refusal(path, method);
  if (status === 405) response.setHeader('allow', path === '/health' ? 'GET' : 'POST');
  send(pool, request, response, { status, body });
}

function refusal(path: string, method: string | undefined): { status: number; body: string } {
  const post = writing.has(path) || path === '/get-online-features';
  if (!post && path !== '/health') return plainDetail(404, 'Not Found');
  if (writing.has(path) && method === 'POST') {
    return plainDetail(501, "This server only reads; write features with Feast's own server or `feast materialize`.");
  }
  return plainDetail(405, 'Method Not Allowed');
}
