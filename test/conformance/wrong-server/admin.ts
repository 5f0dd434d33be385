/**
 * The admin port of the small server.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { poolChangeSchema } from '../../../src/api/protocol.ts';
import type { PoolChange, PoolConfig } from '../../../src/api/protocol.ts';
import type { Pool } from './pool.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

export interface AdminOptions {
  readonly pool: Pool;
  readonly token: string;
  readonly isReady: () => boolean;
  readonly dropConnections: () => void;
}

const json = (status: number, value: unknown): Reply => ({ status, body: JSON.stringify(value) });

export const createAdmin = (options: AdminOptions): Server =>
  createServer((request, response) => {
    const send = ({ status, body, type = 'application/json' }: Reply): void => void response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
    answer(options, request).then(send, (error: unknown) => send(json(500, { error: String(error) })));
  });

const answer = async (options: AdminOptions, request: IncomingMessage): Promise<Reply> => {
  const { pool } = options;
  const body = await readBody(request);
  if (pool.fault === 'admin-waits-for-a-place' && pool.figures.busy > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2500));
  }
  if (request.url === '/pool' && request.method === 'PUT') return put(options, request.headers.authorization ?? '', body);
  if (request.url === '/pool') return stateReply(pool);
  if (request.url === '/metrics') return { status: 200, body: pool.page(), type: 'text/plain; version=0.0.4' };
  if (request.url === '/healthz' && pool.fault !== 'no-healthz') return json(200, { status: 'live' });
  return request.url === '/readyz' ? ready(options) : json(404, { error: 'not found' });
};

const ready = ({ pool, isReady }: AdminOptions): Reply => {
  if (!isReady()) return json(503, { status: 'not ready', reason: 'ending' });
  if (pool.fault === 'readyz-without-json') return { status: 200, body: 'ok', type: 'text/plain' };
  if (pool.storeProblem === undefined || pool.fault === 'store-lost-no-word') return json(200, { status: 'ready' });
  return json(pool.fault === 'store-lost-unready' ? 503 : 200, { status: 'degraded', reason: pool.storeProblem });
};

const stateReply = (pool: Pool): Reply => {
  const { live, ...rest } = pool.state();
  return json(200, pool.fault === 'shows-a-state-without-live' ? rest : { ...rest, live });
};

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

const isAllowed = ({ pool, token }: AdminOptions, authorization: string): boolean => {
  if (pool.fault === 'any-token') return true;
  const given = /^Bearer (.+)$/u.exec(authorization)?.[1] ?? '';
  return given === token || (pool.fault === 'beginning-of-the-token' && given !== '' && token.startsWith(given));
};

const put = (options: AdminOptions, authorization: string, body: Buffer): Reply => {
  const { pool } = options;
  if (!isAllowed(options, authorization)) return json(401, { error: 'token' });
  if (body.length > 16 * 1024 && pool.fault !== 'huge-bodies') return json(413, { error: 'too large' });
  const content = parse(body.toString('utf8'), pool);
  if (content === undefined) return json(400, { error: 'not JSON' });
  const change = poolChangeSchema.safeParse(content);
  return change.success ? judge(options, change.data) : json(422, { error: 'shape' });
};

const parse = (text: string, { fault, config }: Pool): unknown => {
  try {
    const content: unknown = JSON.parse(text);
    if (fault !== 'texts-as-numbers' || typeof content !== 'object' || content === null) return content;
    return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, typeof value === 'string' ? Number(value) : value]));
  } catch {
    return fault === 'garbage-is-no-change' ? { generation: config.generation + 1 } : undefined;
  }
};

const judge = ({ pool, dropConnections }: AdminOptions, change: PoolChange): Reply => {
  const wished = { ...pool.config, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) };
  const old = judgeGeneration(pool, wished);
  if (old !== undefined) return old;
  const { limits } = pool.state();
  const next = pool.fault === 'limits-clamped' ? { ...wished, threads: clamp(wished.threads, limits.threads), processes: clamp(wished.processes, limits.processes) } : wished;
  const isInside = (['threads', 'processes'] as const).every((knob) => next[knob] === clamp(next[knob], limits[knob]));
  if (!isInside && pool.fault !== 'limits-ignored') return json(422, { error: 'limits' });
  const isResized = next.threads !== pool.config.threads || next.processes !== pool.config.processes;
  pool.apply(isInside ? next : { ...pool.config, generation: next.generation });
  if (pool.fault === 'drops-on-resize' && isResized) dropConnections();
  return stateReply(pool);
};

/** Undefined: the generation is a new one. */
const judgeGeneration = (pool: Pool, next: PoolConfig): Reply | undefined => {
  const { config, fault } = pool;
  if (next.generation < config.generation) return fault === 'stale-generation' ? undefined : json(409, { error: 'stale' });
  if (next.generation > config.generation) return undefined;
  const isSame = next.threads === config.threads && next.processes === config.processes && next.objectiveMs === config.objectiveMs;
  if (isSame) return fault === 'repeat-refused' ? json(409, { error: 'again' }) : stateReply(pool);
  return fault === 'same-generation-other-body' ? undefined : json(409, { error: 'other body' });
};

const clamp = (value: number, { min, max }: { min: number; max: number }): number => Math.min(max, Math.max(min, value));
