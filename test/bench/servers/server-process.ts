/**
 * One measured server as a process: started with the protocol's environment, resized by its admin port, ended by SIGTERM.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { poolEnv, poolStateSchema } from '../../../src/api/protocol.ts';
import type { PoolState } from '../../../src/api/protocol.ts';
import { startGuarded, stopGuarded } from '../../../src/local/process/guard.ts';
import type { GuardedProcess } from '../../../src/local/process/guard.ts';
import { freePort } from '../../../src/local/toolchain/redis-server.ts';
import type { ServerCommand } from '../../support/servers/server-variant.ts';
import { checkout } from '../../support/servers/synthetic-store.ts';
import { readTree } from './process-tree.ts';
import type { TreeUsage } from './process-tree.ts';

export interface Size {
  readonly threads: number;
  readonly processes: number;
}

export interface ServerOptions {
  readonly name: string;
  readonly command: ServerCommand;
  readonly size: Size;
  readonly objectiveMs?: number;
  readonly folder: string;
}

const readyWithinMs = 90_000;

export class MeasuredServer {
  readonly port: number;
  readonly adminPort: number;
  readonly #admin: string;
  readonly #token: string;
  readonly #process: GuardedProcess;
  #generation = 1;
  #said = '';

  private constructor(guarded: GuardedProcess, ports: { serving: number; admin: number }, token: string) {
    this.#process = guarded;
    this.port = ports.serving;
    this.adminPort = ports.admin;
    this.#admin = `http://127.0.0.1:${ports.admin}`;
    this.#token = token;
    for (const stream of [guarded.child.stdout, guarded.child.stderr]) stream?.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4000)));
  }

  /** Starts it and waits until it is ready. @throws Error with its last words */
  static async start({ name, command, size, objectiveMs = 100, folder }: ServerOptions): Promise<MeasuredServer> {
    const ports = { serving: await freePort(), admin: await freePort() };
    const token = randomBytes(16).toString('hex');
    const [config, tokenFile] = [join(folder, `${name}-pool.json`), join(folder, `${name}-token`)];
    writeFileSync(config, JSON.stringify({ ...size, generation: 1, objectiveMs }));
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const env = {
      ...process.env, ...command.env,
      [poolEnv.config]: config, [poolEnv.tokenFile]: tokenFile, [poolEnv.host]: '127.0.0.1',
      [poolEnv.servingPort]: String(ports.serving), [poolEnv.adminPort]: String(ports.admin),
    };
    const server = new MeasuredServer(startGuarded({ argv: command.argv, env, cwd: checkout }), ports, token);
    await server.#ready(name);
    return server;
  }

  async #ready(name: string): Promise<void> {
    const gone = new AbortController();
    void this.#process.ended.then(() => gone.abort());
    for (const began = performance.now(); performance.now() - began < readyWithinMs && !gone.signal.aborted; await delay(100)) {
      const ready = await fetch(`${this.#admin}/readyz`).then(({ ok }) => ok, () => false);
      if (ready) return;
    }
    await this.stop();
    throw new Error(`${name} did not become ready: ${this.#said}`);
  }

  /** CPU and memory of all its processes. */
  usage(withMemory = false): TreeUsage {
    return readTree(this.#process.pid, withMemory);
  }

  /** Changes the pool. @returns ms until the answer that it is in force */
  async resize(size: Partial<Size>): Promise<number> {
    const began = performance.now();
    const response = await fetch(`${this.#admin}/pool`, {
      method: 'PUT', body: JSON.stringify({ ...size, generation: ++this.#generation }), headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`PUT /pool ${JSON.stringify(size)} was answered with ${response.status}: ${text}`);
    return performance.now() - began;
  }

  async state(): Promise<PoolState> {
    return poolStateSchema.parse(await (await fetch(`${this.#admin}/pool`)).json());
  }

  async stop(): Promise<void> {
    // Nothing drains here: the load is over.
    this.#process.kill();
    await stopGuarded(this.#process, 1000);
  }
}
