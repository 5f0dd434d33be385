/**
 * Starts a real worker in its own process, and asks it over real sockets.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** The program as users start it: it must end by itself, with nothing that calls `process.exit` for it. */
const main = fileURLToPath(new URL('../../../src/cli/plateau.ts', import.meta.url));
const servingLine = z.object({ message: z.literal('serving'), port: z.number(), adminPort: z.number() });

export const token = 'a-token-for-tests';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Ask {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
  agent?: Agent | false;
}

/** One request, one whole answer. */
export async function ask(port: number, path: string, { method = 'GET', body, headers = {}, agent = false }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const call = request({ host: '127.0.0.1', port, path, method, agent, headers: { ...length, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

export class WorkerProcess {
  readonly port: number;
  readonly adminPort: number;
  readonly process: ChildProcess;
  readonly log: string[];

  private constructor(child: ChildProcess, log: string[], ports: { port: number; adminPort: number }) {
    this.process = child;
    this.log = log;
    this.port = ports.port;
    this.adminPort = ports.adminPort;
  }

  /** Resolves when it serves; rejects with its log when it ends instead. */
  static async start(args: readonly string[], env: Record<string, string> = {}): Promise<WorkerProcess> {
    const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
    const child = spawn(process.execPath, [main, 'worker', ...ports, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'pipe'] });
    const log: string[] = [];
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        log.push(line);
        const found = line.startsWith('{') ? servingLine.safeParse(JSON.parse(line)) : undefined;
        if (found?.success === true) resolve(new WorkerProcess(child, log, found.data));
      });
      child.once('exit', (code) => reject(new Error(`the worker ended with code ${code}:\n${log.join('\n')}`)));
    });
  }

  async features(body: unknown, agent?: Agent): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return ask(this.port, '/get-online-features', { method: 'POST', body: text, headers: { 'content-type': 'application/json' }, agent: agent ?? false });
  }

  async putPool(change: Record<string, number>, withToken = token): Promise<Answer> {
    return ask(this.adminPort, '/pool', { method: 'PUT', body: JSON.stringify(change), headers: { authorization: `Bearer ${withToken}` } });
  }

  /** Samples of `/metrics` by name and labels, as written on the page. */
  async metrics(): Promise<Map<string, number>> {
    const { text } = await ask(this.adminPort, '/metrics');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  }

  /** Sends a signal and resolves to the exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    await exit;
    return this.process.exitCode;
  }
}

/** A folder that is removed by `remove`, with a token file in it. */
export function temporaryFolder(): { path: string; tokenFile: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'plateau-worker-'));
  const tokenFile = join(path, 'token');
  writeFileSync(tokenFile, `${token}\n`);
  return { path, tokenFile, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Waits for a state of the world that has no event; fails loudly when it does not come. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
