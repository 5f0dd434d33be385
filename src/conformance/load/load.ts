/**
 * The checks' side of the load generator's process.
 *
 * @module
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGuarded } from '../../local/process/guard.ts';
import type { Ended } from '../../local/process/guard.ts';
import { fromGeneratorSchema } from './job.ts';
import type { LoadJob, LoadResult, ToGenerator } from './job.ts';

const script = fileURLToPath(new URL(`./generator-process${extname(import.meta.url)}`, import.meta.url));

/** A load that runs. */
export interface Load {
  /** When all that was sent has its answer, or its error. */
  readonly result: Promise<LoadResult>;
  /** Sends nothing more. */
  stop(): Promise<LoadResult>;
}

/**
 * Starts a load; resolves when the generator is about to send.
 *
 * @throws Error when the generator's process does not come up
 */
export const startLoad = async (job: LoadJob): Promise<Load> => {
  const generator = startGuarded({ argv: [process.execPath, '--disable-warning=ExperimentalWarning', script], env: process.env, ipc: true });
  const { child, ended } = generator;
  const tell = (message: ToGenerator): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-2000)));
  const result = Promise.withResolvers<LoadResult>();
  const ready = Promise.withResolvers<void>();
  child.on('message', (raw) => {
    const message = fromGeneratorSchema.parse(raw);
    if (message.type === 'ready') ready.resolve();
    else result.resolve(message.result);
  });
  const fail = ({ code }: Ended): void => {
    const error = new Error(`the load generator ended with code ${code}: ${said.trim()}`);
    // Both may be settled already; then this changes nothing.
    ready.reject(error);
    result.reject(error);
  };
  // On a busy machine the exit is seen before the last message: only a closed channel has nothing more to say.
  void Promise.all([ended, once(child, 'close')]).then(([end]) => fail(end));
  result.promise.catch(() => undefined);
  await ready.promise;
  tell({ type: 'start', job });
  const whole = result.promise.finally(() => generator.terminate());
  whole.catch(() => undefined);
  return {
    result: whole,
    stop: () => {
      tell({ type: 'stop' });
      return whole;
    },
  };
};
