/**
 * The benchmark's side of the store stand-in.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { startGuarded } from '../../../../src/local/process/guard.ts';
import type { StoreBehaviour } from '../scenario.ts';
import { fromStoreSchema } from './messages.ts';

const script = fileURLToPath(new URL('./process.ts', import.meta.url));

export interface StoreStandIn {
  readonly port: number;
  become(behaviour: StoreBehaviour): void;
  stop(): Promise<void>;
}

/** Starts it; in front of a Redis when its port is given. */
export const startStoreStandIn = async (behaviour: StoreBehaviour, redisPort?: number): Promise<StoreStandIn> => {
  const args = redisPort === undefined ? [] : [String(redisPort)];
  const guarded = startGuarded({ argv: [process.execPath, '--disable-warning=ExperimentalWarning', script, ...args], env: process.env, ipc: true });
  let said = '';
  guarded.child.stdout?.resume();
  guarded.child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  guarded.child.once('message', (raw) => resolve(fromStoreSchema.parse(raw).port));
  void guarded.ended.then(({ code }) => reject(new Error(`the store stand-in ended with code ${code}: ${said.trim()}`)));
  const port = await promise;
  const become = (next: StoreBehaviour): void => void (guarded.child.connected && guarded.child.send(next));
  become(behaviour);
  const stop = async (): Promise<void> => {
    guarded.kill();
    await guarded.ended;
  };
  return { port, become, stop };
};
