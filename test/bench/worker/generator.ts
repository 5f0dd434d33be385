/**
 * A load generator in a process of its own. `closed`: so many requests at once, for the capacity. `open`: Poisson arrivals,
 * latency from the scheduled arrival, so that a wait for the server is never hidden by a client that waits with it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { HttpConnections } from './http-connections.ts';

const jobSchema = z.object({
  port: z.number(),
  bodyFile: z.string(),
  mode: z.enum(['closed', 'open']),
  /** Requests at once (closed) or a second (open). */
  amount: z.number(),
  seconds: z.number(),
  keepAlive: z.boolean(),
});
type Job = z.infer<typeof jobSchema>;

/** What the generator prints as one JSON line. */
export interface GeneratorResult {
  sent: number;
  answered: number;
  rejected: number;
  failed: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** The same without the generator's own lateness: counted from the moment of sending. */
  fromSendP95Ms: number;
  /** How late the generator itself sent, 95th percentile: part of the latencies above. */
  lateP95Ms: number;
}

class Generator {
  private readonly connections: HttpConnections;
  private readonly latencies: number[] = [];
  private readonly fromSend: number[] = [];
  private readonly lateness: number[] = [];
  private sent = 0;
  private rejected = 0;
  private failed = 0;

  constructor({ port, bodyFile, keepAlive }: Job) {
    this.connections = new HttpConnections(port, '/get-online-features', readFileSync(bodyFile, 'utf8'), keepAlive);
  }

  fire(due: number, then: () => void = () => undefined): void {
    this.sent++;
    const sent = performance.now();
    this.lateness.push(sent - due);
    this.connections.send((status) => {
      const done = performance.now();
      if (status === 200) {
        this.latencies.push(done - due);
        this.fromSend.push(done - sent);
      } else if (status === 503) this.rejected++;
      else this.failed++;
      then();
    });
  }

  get outstanding(): number {
    return this.sent - this.latencies.length - this.rejected - this.failed;
  }

  result(seconds: number): GeneratorResult {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    const late = this.lateness.toSorted((a, b) => a - b);
    const fromSendP95Ms = quantile(this.fromSend.toSorted((a, b) => a - b), 0.95);
    const { sent, rejected, failed } = this;
    const [p50Ms, p95Ms, p99Ms] = [quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 0.99)];
    return { sent, answered: sorted.length, rejected, failed, perSecond: sorted.length / seconds, p50Ms, p95Ms, p99Ms, fromSendP95Ms, lateP95Ms: quantile(late, 0.95) };
  }
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)] ?? NaN;
}

function runClosed(generator: Generator, amount: number, end: number): void {
  const next = (): void => {
    const now = performance.now();
    if (now < end) generator.fire(now, next);
  };
  for (let count = 0; count < amount; count++) next();
}

function runOpen(generator: Generator, perSecond: number, end: number): void {
  let due = performance.now();
  const tick = (): void => {
    const now = performance.now();
    while (due <= now && due < end) {
      generator.fire(due);
      due += (-Math.log(1 - Math.random()) * 1000) / perSecond;
    }
    // A timer is late by up to a millisecond: close to the next arrival, turn instead of sleeping.
    if (due < end) if (due - now > 2) setTimeout(tick, due - now - 1.5); else setImmediate(tick);
  };
  tick();
}

async function main(job: Job): Promise<void> {
  const generator = new Generator(job);
  const end = performance.now() + job.seconds * 1000;
  if (job.mode === 'closed') runClosed(generator, job.amount, end);
  else runOpen(generator, job.amount, end);
  const sleep = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await sleep(job.seconds * 1000);
  for (let wait = 0; wait < 500 && generator.outstanding > 0; wait++) await sleep(20);
  process.stdout.write(`${JSON.stringify(generator.result(job.seconds))}\n`);
}

if (import.meta.main) {
  await main(jobSchema.parse(JSON.parse(process.argv[2] ?? '{}')));
  process.exit(0);
}
