/** Free ports that stay free. @module */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux (32768 and up) and macOS (49152 and up) take ports for outgoing connections:
 * a server that stops for a while must find its port free when it comes back.
 */
const [lowest, highest] = [20_000, 32_000];

const isFree = async (port: number): Promise<boolean> => {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
};

/** A port of 127.0.0.1 on which nobody listens. Somebody else may take it first, so a caller must be ready to ask again. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest} on 127.0.0.1 after 50 attempts`);
};
