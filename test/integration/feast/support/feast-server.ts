/** Feast's own Python feature server, live. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded, stopGuarded } from '../../../../src/local/process/guard.ts';
import type { PythonEnvironment } from '../../../../src/local/toolchain/python-environment.ts';
import { ask } from '../../../worker/support/worker-process.ts';
import { freePort } from '../../support/ports.ts';
import { feastEnvironment, script } from './repository.ts';

/** Importing Feast takes seconds; a busy machine makes it many. */
const startWithinMs = 120_000;

export interface FeastServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts it and waits until it is healthy. @throws with its last words when it ends instead */
export const startFeastServer = async (python: PythonEnvironment, repository: string): Promise<FeastServer> => {
  const port = await freePort();
  const server = startGuarded({ argv: [python.python, script('serve.py'), repository, String(port)], env: feastEnvironment() });
  let said = '';
  const listen = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-4000));
  server.child.stdout?.on('data', listen);
  server.child.stderr?.on('data', listen);
  let ended = false;
  void server.ended.then(() => (ended = true));
  const deadline = performance.now() + startWithinMs;
  for (;;) {
    if (await isHealthy(port)) return { port, stop: async () => void (await stopGuarded(server, 5000)) };
    if (ended || performance.now() > deadline) {
      server.kill();
      throw new Error(`Feast's server on port ${port} ${ended ? 'ended' : 'was not healthy in time'}: ${said}`);
    }
    await delay(100);
  }
};

const isHealthy = async (port: number): Promise<boolean> => {
  try {
    return (await ask(port, '/health')).status === 200;
  } catch {
    return false;
  }
};
