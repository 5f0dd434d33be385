/**
 * A server that this command starts by itself, with the environment that the operator would give it.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { poolEnv } from '../../api/protocol.ts';
import { startGuarded } from '../../local/process/guard.ts';
import type { Ended } from '../../local/process/guard.ts';
import { freePort } from '../../local/toolchain/redis-server.ts';
import { childrenOf } from './process-tree.ts';

const host = '127.0.0.1';
const keptOutput = 4000;

export interface StartOptions {
  readonly argv: readonly string[];
  /** For the configuration and the token; made when missing. */
  readonly folder: string;
  /** Text of the configuration file; undefined: the variable names a file that is not there. */
  readonly config: string | undefined;
  readonly token: string;
}

export interface StartedServer {
  readonly adminUrl: string;
  readonly servingUrl: string;
  readonly configFile: string;
  readonly ended: Promise<Ended>;
  hasEnded(): boolean;
  /** The program's own process, not the guard's; undefined when it has gone, or where the machine does not tell. */
  pid(): number | undefined;
  /** The end of what it printed. */
  output(): string;
  terminate(): void;
  kill(): void;
}

/** Starts a server on free ports of 127.0.0.1; it may still be on its way up. */
export const startServer = async ({ argv, folder, config, token }: StartOptions): Promise<StartedServer> => {
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'pool.json');
  const tokenFile = join(folder, 'token');
  if (config !== undefined) writeFileSync(configFile, config);
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const [servingPort, adminPort] = [await freePort(), await freePort()];
  const environment = {
    [poolEnv.config]: configFile,
    [poolEnv.tokenFile]: tokenFile,
    [poolEnv.host]: host,
    [poolEnv.servingPort]: String(servingPort),
    [poolEnv.adminPort]: String(adminPort),
  };
  const guarded = startGuarded({ argv, env: { ...process.env, ...environment } });
  let output = '';
  let isOver = false;
  for (const stream of [guarded.child.stdout, guarded.child.stderr]) stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-keptOutput)));
  void guarded.ended.then(() => (isOver = true));
  return {
    adminUrl: `http://${host}:${adminPort}`,
    servingUrl: `http://${host}:${servingPort}`,
    configFile,
    ended: guarded.ended,
    hasEnded: () => isOver,
    // The guard's shell starts the program first.
    pid: () => childrenOf(guarded.pid)[0],
    output: () => output.trim(),
    terminate: () => guarded.terminate(),
    kill: () => guarded.kill(),
  };
};
