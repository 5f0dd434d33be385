import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readGoodRegistry } from '../../../src/worker/definitions/read-registry.ts';
import type { Processes } from '../../../src/worker/primary/processes.ts';
import { registryFixture } from '../support/golden-store.ts';
import { knobs, noProcesses } from '../support/processes.ts';
import { until } from '../support/worker-process.ts';

const pace = { stretchMs: 5, now: () => performance.now(), pause: async () => undefined };

describe('serving processes', () => {
  let processes: Processes | undefined;

  afterEach(() => processes?.kill());

  it('are not ended by a size that is no longer wanted when they come up', async () => {
    const registry = await readGoodRegistry('golden', { path: registryFixture('golden'), versioned: false }, pace);
    const coming = (processes = noProcesses());
    // They serve from the first registry on: until then each change waits for those before it.
    const changes = [2, 1, 2].map((count) => coming.apply(count, { ...knobs }));
    coming.define(registry);
    await Promise.all(changes);
    expect(coming.serving().map(({ slot }) => slot)).toEqual([0, 1]);
  }, 30_000);

  it('are asked for a report once, and not again while the question is open', async () => {
    const coming = (processes = noProcesses());
    void coming.apply(1, { ...knobs });
    const [child] = coming.living();
    if (child === undefined) throw new Error('no process was started');
    await coming.collect(20_000);
    const send = jest.spyOn(child, 'send');
    process.kill(child.pid, 'SIGSTOP');
    await until('it hangs', () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '));
    for (let scrape = 0; scrape < 3; scrape++) await coming.collect(1);
    expect(send).toHaveBeenCalledTimes(1);
    process.kill(child.pid, 'SIGCONT');
    await coming.collect(20_000);
    await child.report();
    expect(send).toHaveBeenCalledTimes(2);
  }, 60_000);
});
