/**
 * The load generator as a process of its own, so that neither the API server's work nor the view's delays a request.
 *
 * @module
 */
import { systemClock } from '../../runtime/system-clock.ts';
import { Endpoints } from './endpoints.ts';
import { Generator } from './generator.ts';
import { toGeneratorSchema } from './messages.ts';
import type { FromGenerator, StartMessage } from './messages.ts';
import { seededRandom } from './random.ts';
import { BodySource } from './request-bodies.ts';
import { rateAt } from './trace.ts';

const tell = (message: FromGenerator): void => {
  if (process.connected) process.send?.(message);
};

let endpoints: Endpoints | undefined;
let generator: Generator | undefined;
let origins: readonly string[] = [];

const start = (message: StartMessage): void => {
  const random = seededRandom(message.seed);
  const bodies = new BodySource(message.mix, random);
  const targets = new Endpoints(message);
  targets.set(origins);
  endpoints = targets;
  generator = new Generator({
    clock: systemClock(),
    random,
    spacing: message.spacing,
    rate: (seconds) => (seconds < (message.endAfterSeconds ?? Infinity) ? rateAt(message, seconds) : 0),
    send: () => targets.post(bodies.next()),
    maxOutstanding: message.maxOutstanding,
    objectiveMs: message.objectiveMs,
    onSecond: (second) => tell({ type: 'second', second }),
    onFirstAnswer: () => tell({ type: 'firstAnswer' }),
  });
  generator.start();
};

const stop = async (graceMs: number): Promise<void> => {
  await generator?.stop(graceMs);
  await endpoints?.destroy();
  tell({ type: 'stopped' });
  process.disconnect();
};

process.on('message', (raw) => {
  const message = toGeneratorSchema.parse(raw);
  if (message.type === 'start') start(message);
  else if (message.type === 'stop') void stop(message.graceMs);
  else {
    origins = message.origins;
    endpoints?.set(origins);
  }
});
process.on('disconnect', () => process.exit(0));
tell({ type: 'ready' });
