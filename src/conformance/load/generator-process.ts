/**
 * The load generator as a process of its own: neither the checks' work nor their scrapes delay a request.
 *
 * @module
 */
import { Arrivals } from '../../local/load/arrivals.ts';
import { seededRandom } from '../../local/load/random.ts';
import { delay, nowMs } from '../wait.ts';
import { toGeneratorSchema } from './job.ts';
import type { FromGenerator, LoadJob } from './job.ts';
import { Sender } from './sender.ts';

/** How often due requests are looked for, ms. */
const tickMs = 1;
/** More requests without an answer are not useful, and would exhaust the client's ports. */
const maxOutstanding = 2000;
/** What a refused client waits before it asks again, ms. */
const refusedMs = 100;

const stopping = new AbortController();

/** Resolves when the message is out: a channel that is closed before takes a long result with it. */
const tell = (message: FromGenerator): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });

const sendOpen = async (sender: Sender, job: LoadJob, perSecond: number): Promise<void> => {
  const arrivals = new Arrivals({ spacing: 'poisson', random: seededRandom(job.seed), rate: () => perSecond });
  const startedMs = nowMs();
  for (let elapsed = 0; elapsed < job.seconds && !stopping.signal.aborted; elapsed = (nowMs() - startedMs) / 1000) {
    for (const at of arrivals.takeUntil(Math.min(elapsed, job.seconds))) if (sender.outstanding < maxOutstanding) void sender.send(startedMs + at * 1000);
    await delay(tickMs);
    sender.pauses.note(nowMs());
  }
};

const sendClosed = async (sender: Sender, job: LoadJob, clients: number): Promise<void> => {
  const endMs = nowMs() + job.seconds * 1000;
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted && nowMs() < endMs) if ((await sender.send(nowMs())) !== 200) await delay(refusedMs);
  };
  await Promise.all(Array.from({ length: clients }, client));
};

const run = async (job: LoadJob): Promise<void> => {
  const sender = new Sender(job);
  if (job.mode.kind === 'open') await sendOpen(sender, job, job.mode.perSecond);
  else await sendClosed(sender, job, job.mode.clients);
  // Each request has a timeout of its own, so this ends.
  while (sender.outstanding > 0) await delay(5);
  await tell({ type: 'result', result: sender.result() });
  await sender.destroy();
  if (process.connected) process.disconnect();
};

process.on('message', (raw) => {
  const message = toGeneratorSchema.parse(raw);
  if (message.type === 'start') void run(message.job);
  else stopping.abort();
});
process.on('disconnect', () => process.exit(0));
void tell({ type: 'ready' });
