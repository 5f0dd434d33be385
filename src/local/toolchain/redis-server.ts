/**
 * A Redis server of one's own on loopback, for local runs, tests and benchmarks. It ends with the process that started it.
 *
 * @module
 */
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded, stopGuarded } from '../process/guard.ts';
import type { GuardedProcess } from '../process/guard.ts';
import { MissingTool } from './missing-tool.ts';
import { runTool } from './run-tool.ts';

/** Longest wait until it answers, ms. */
const startWithinMs = 10_000;
const stopGraceMs = 3_000;

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  /** Process group, to freeze (SIGSTOP) or kill it on purpose. */
  readonly process: GuardedProcess;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** 0 or absent takes a free one. */
  readonly port?: number;
  /** More arguments of redis-server, such as `--requirepass secret`. */
  readonly args?: readonly string[];
  /** Folder for what it writes; nothing is saved by default. */
  readonly folder?: string;
}

/** The program to start: `PLATEAU_REDIS_SERVER`, else `redis-server`, else `valkey-server`. @throws MissingTool */
export const findRedisServer = async (): Promise<string> => {
  const named = process.env['PLATEAU_REDIS_SERVER'];
  for (const program of named === undefined ? ['redis-server', 'valkey-server'] : [named]) {
    const runs = await runTool(program, ['--version']).then(() => true, () => false);
    if (runs) return program;
  }
  throw new MissingTool('there is no redis-server on this machine; install Redis or Valkey (Debian: redis-server), or name one in PLATEAU_REDIS_SERVER');
};

/**
 * Starts a server that keeps everything in memory.
 *
 * @throws MissingTool when there is none on this machine; Error when it does not start
 */
export const startRedisServer = async ({ port = 0, args = [], folder = '/tmp' }: RedisOptions = {}): Promise<RedisServer> => {
  const program = await findRedisServer();
  const chosen = port === 0 ? await freePort() : port;
  const own = ['--bind', '127.0.0.1', '--port', String(chosen), '--save', '', '--appendonly', 'no', '--dir', folder, '--daemonize', 'no'];
  const guarded = startGuarded({ argv: [program, ...own, ...args], env: process.env });
  let said = '';
  guarded.child.stdout?.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-2000)));
  guarded.child.stderr?.resume();
  const early = guarded.ended.then(({ code }) => {
    throw new Error(`${program} on port ${chosen} ended with code ${code} before it answered: ${said.trim().split('\n').slice(-3).join(' ')}`);
  });
  early.catch(() => undefined);
  await Promise.race([early, answers(chosen)]);
  const stop = async (): Promise<void> => void (await stopGuarded(guarded, stopGraceMs));
  return { host: '127.0.0.1', port: chosen, process: guarded, stop };
};

const answers = async (port: number): Promise<void> => {
  for (let waited = 0; waited < startWithinMs; waited += 20) {
    if (await connects(port)) return;
    await delay(20);
  }
  throw new Error(`the Redis server on port ${port} did not answer within ${startWithinMs / 1000} s`);
};

const connects = async (port: number): Promise<boolean> => {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** A port that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
};
