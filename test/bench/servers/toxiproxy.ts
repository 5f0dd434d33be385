/**
 * Redis with a delay in front of it, by toxiproxy.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded, stopGuarded } from '../../../src/local/process/guard.ts';
import { goProgram } from '../../../src/local/toolchain/go-program.ts';
import { freePort } from '../../../src/local/toolchain/redis-server.ts';

export const toxiproxyVersion = 'v2.12.0';

export interface DelayedStore {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Listens on a free port and passes everything on to `target`, every answer late by `delayMs`.
 *
 * @throws MissingTool when there is no Go to build it with
 */
export const startDelayedStore = async (target: number, delayMs: number, progress: (line: string) => void): Promise<DelayedStore> => {
  const program = await goProgram({ source: { module: `github.com/Shopify/toxiproxy/v2/cmd/server@${toxiproxyVersion}`, name: 'toxiproxy-server' }, progress });
  const [control, port] = [await freePort(), await freePort()];
  const guarded = startGuarded({ argv: [program, '-host', '127.0.0.1', '-port', String(control)], env: { ...process.env, LOG_LEVEL: 'error' } });
  guarded.child.stdout?.resume();
  guarded.child.stderr?.resume();
  const stop = async (): Promise<void> => void (await stopGuarded(guarded, 2000));
  try {
    await created(control, '/proxies', { name: 'store', listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${target}`, enabled: true });
    await created(control, '/proxies/store/toxics', { type: 'latency', stream: 'downstream', attributes: { latency: delayMs, jitter: 0 } });
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const created = async (control: number, path: string, body: object): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(`http://127.0.0.1:${control}${path}`, { method: 'POST', body: JSON.stringify(body) });
      if (response.ok) return;
      throw new Error(`toxiproxy answered ${response.status} to ${path}: ${await response.text()}`);
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(50);
    }
  }
};
