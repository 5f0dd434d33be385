/**
 * The admin port: pool, metrics, health. Runs in the primary, which serves no features, so a full pool cannot starve it.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import * as z from 'zod';
import { poolChangeSchema } from '../../api/protocol.ts';
import type { Outcome, Pool } from './pool.ts';
import { mayChangePool, tokenProblem } from './token.ts';

const maxBodyBytes = 16 * 1024;

/** What the admin port shows. */
export interface Admin {
  pool: Pool;
  tokenFile: string | undefined;
  metrics: () => Promise<string>;
  /** Why the pod is not ready; undefined when it is. */
  notReady: () => string | undefined;
  /** What is wrong although the pod stays ready. */
  degraded: () => string | undefined;
}

interface Reply {
  status: number;
  body: string;
  type?: string;
  headers?: Record<string, string>;
}

/** Builds the server; it does not listen yet. */
export function createAdminServer(admin: Admin): Server {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 }, (request, response) => {
    void answer(admin, request, response);
  });
  server.maxConnections = 256;
  // Who keeps connections open and asks now and then must not keep the kubelet out: its probes come on new ones.
  server.on('drop', () => server.closeIdleConnections());
  return server;
}

async function answer(admin: Admin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let reply: Reply;
  try {
    reply = await dispatch(admin, request);
  } catch (error) {
    reply = problem(500, error instanceof Error ? error.message : String(error));
  }
  const { status, body, type = 'application/json', headers = {} } = reply;
  const closing = request.complete ? {} : { connection: 'close' };
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers, ...closing }).end(body);
}

async function dispatch(admin: Admin, request: IncomingMessage): Promise<Reply> {
  const path = request.url?.split('?', 1)[0] ?? '/';
  if (path === '/pool' && request.method === 'PUT') return put(admin, request);
  request.resume();
  const page = pages[path];
  if (page === undefined) return problem(404, 'not found; this port has /metrics, /pool, /healthz and /readyz');
  if (request.method !== 'GET' && request.method !== 'HEAD') return { ...problem(405, 'method not allowed'), headers: { allow: path === '/pool' ? 'GET, PUT' : 'GET' } };
  return page(admin);
}

const pages: Record<string, (admin: Admin) => Promise<Reply> | Reply> = {
  '/metrics': async (admin) => ({ status: 200, body: await admin.metrics(), type: 'text/plain; version=0.0.4; charset=utf-8' }),
  '/pool': (admin) => poolReply(admin),
  '/healthz': () => ({ status: 200, body: '{"status":"live"}' }),
  '/readyz': (admin) => {
    const reason = admin.notReady();
    if (reason !== undefined) return { status: 503, body: JSON.stringify({ status: 'not ready', reason }) };
    const degraded = admin.degraded();
    return { status: 200, body: JSON.stringify(degraded === undefined ? { status: 'ready' } : { status: 'degraded', reason: degraded }) };
  },
};

async function put(admin: Admin, request: IncomingMessage): Promise<Reply> {
  if (!mayChangePool(request.headers.authorization, admin.tokenFile)) {
    request.resume();
    const message = tokenProblem(admin.tokenFile) ?? 'the bearer token is missing or wrong';
    return { ...problem(401, message), headers: { 'www-authenticate': 'Bearer' } };
  }
  const text = await readText(request);
  if (text === undefined) return problem(413, `the body is larger than ${maxBodyBytes} bytes`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return problem(400, 'the body is not JSON');
  }
  const change = poolChangeSchema.safeParse(content);
  if (!change.success) return problem(422, z.prettifyError(change.error));
  return outcomeReply(admin, await admin.pool.change(change.data));
}

function outcomeReply(admin: Admin, outcome: Outcome): Reply {
  switch (outcome.kind) {
    case 'inForce':
      return poolReply(admin);
    case 'stale':
      return problem(409, outcome.message);
    case 'outside':
      return problem(422, outcome.message);
    case 'slow':
      return { ...problem(503, outcome.message), headers: { 'retry-after': '1' } };
  }
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function poolReply(admin: Admin): Reply {
  return { status: 200, body: JSON.stringify(admin.pool.state()) };
}

function problem(status: number, error: string): Reply {
  return { status, body: JSON.stringify({ error }) };
}
