/**
 * Load from vegeta, an open-loop generator in a process of its own and none of the measured servers.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from '../../../src/local/toolchain/go-program.ts';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';

export const vegetaVersion = 'v12.12.0';

export interface Attack {
  readonly port: number;
  /** File of request bodies, as `writeTargets` makes it. */
  readonly targets: string;
  readonly seconds: number;
  /** `perSecond`: open loop; `atOnce`: closed loop with so many requests in flight, for the capacity. */
  readonly load: { readonly perSecond: number } | { readonly atOnce: number };
}

export interface AttackResult {
  readonly sent: number;
  readonly ok: number;
  /** Turned away with 503. */
  readonly shed: number;
  /** Anything else that is not 200, lost connections included. */
  readonly failed: number;
  /** 200s per second, over the time from the first send to the last answer. */
  readonly perSecond: number;
  /** Of 200s, ms; open loop: from the scheduled arrival, closed loop: from sending. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** One line of `vegeta encode -to csv`. */
interface Hit {
  readonly at: bigint;
  readonly code: number;
  readonly latencyNs: number;
  readonly sequence: number;
}

export class Vegeta {
  readonly #program: string;
  readonly #folder: string;
  #attacks = 0;

  private constructor(program: string, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  /** @throws MissingTool when there is no Go to build it with */
  static async open(folder: string, progress: (line: string) => void): Promise<Vegeta> {
    return new Vegeta(await goProgram({ source: { module: `github.com/tsenart/vegeta/v12@${vegetaVersion}`, name: 'vegeta' }, progress }), folder);
  }

  /** Bodies for a serving port, sent in turn. */
  writeTargets(name: string, port: number, bodies: readonly string[]): string {
    const file = join(this.#folder, `${name}-${port}.targets`);
    const target = { method: 'POST', url: `http://127.0.0.1:${port}/get-online-features`, header: { 'Content-Type': ['application/json'] } };
    writeFileSync(file, bodies.map((body) => `${JSON.stringify({ ...target, body: Buffer.from(body).toString('base64') })}\n`).join(''));
    return file;
  }

  /** Runs one attack; `during` runs beside it. */
  async attack({ targets, seconds, load }: Attack, during: () => Promise<void> = async () => undefined): Promise<AttackResult> {
    const results = join(this.#folder, `attack-${++this.#attacks}.bin`);
    const rate = 'perSecond' in load ? [`-rate=${Math.round(load.perSecond * 10)}/10s`, '-max-workers=2000'] : ['-rate=0', `-workers=${load.atOnce}`, `-max-workers=${load.atOnce}`];
    const args = ['attack', '-format=json', `-targets=${targets}`, `-duration=${seconds}s`, '-timeout=10s', '-max-body=0', '-http2=false', ...rate, `-output=${results}`];
    const child = spawn(this.#program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const ended = once(child, 'exit');
    await during();
    const [code] = await ended;
    if (code !== 0) throw new Error(`vegeta ended with code ${String(code)}`);
    const csv = `${results}.csv`;
    await runTool(this.#program, ['encode', '-to=csv', `-output=${csv}`, results]);
    return summarise(readHits(csv), 'perSecond' in load ? load.perSecond : undefined);
  }
}

const readHits = (file: string): Hit[] =>
  readFileSync(file, 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      // timestamp, code, latency, bytes out, bytes in, error, body, name, sequence, …; an error may hold commas, in quotes.
      const fields = line.replace(/"(?:[^"]|"")*"/gu, '').split(',');
      return { at: BigInt(fields[0] ?? 0), code: Number(fields[1]), latencyNs: Number(fields[2]), sequence: Number(fields[8]) };
    });

/** Vegeta counts from the moment of sending; what it sent late is added, so that a wait is never hidden by a client that waits with the server. */
const summarise = (hits: readonly Hit[], perSecond: number | undefined): AttackResult => {
  const first = hits.reduce((least, { at }) => (at < least ? at : least), hits[0]?.at ?? 0n);
  const intervalMs = perSecond === undefined ? 0 : 1000 / perSecond;
  const offset = (hit: Hit): number => Number(hit.at - first) / 1e6;
  const begin = perSecond === undefined ? 0 : Math.min(...sample(hits.map((hit) => offset(hit) - hit.sequence * intervalMs)));
  const late = (hit: Hit): number => (perSecond === undefined ? 0 : Math.max(0, offset(hit) - begin - hit.sequence * intervalMs));
  const good = hits.filter(({ code }) => code === 200);
  const latencies = good.map((hit) => hit.latencyNs / 1e6 + late(hit)).sort((a, b) => a - b);
  const endMs = good.reduce((most, hit) => Math.max(most, offset(hit) + hit.latencyNs / 1e6), 0);
  const shed = hits.filter(({ code }) => code === 503).length;
  const at = (share: number): number => Math.round((latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN) * 100) / 100;
  return {
    sent: hits.length, ok: good.length, shed, failed: hits.length - good.length - shed,
    perSecond: Math.round((good.length / Math.max(endMs, 1)) * 10_000) / 10, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99),
  };
};

/** `Math.min(...)` takes its arguments from the stack; the earliest hits tell the beginning as well. */
const sample = (values: readonly number[]): readonly number[] => values.slice(0, 10_000);
