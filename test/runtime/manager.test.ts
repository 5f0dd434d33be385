import { describe, expect, it } from '@jest/globals';
import { LeaderElector } from '../../src/runtime/leader-elector.ts';
import { Manager } from '../../src/runtime/manager.ts';
import type { Runnable, Stage } from '../../src/runtime/manager.ts';
import { FakeClock, flush } from './support/fake-clock.ts';
import { LeaseServer } from './support/lease-server.ts';
import { RecordingLogger, RecordingMetrics } from './support/recorders.ts';

const setUp = (options: { withElector?: boolean } = {}) => {
  const clock = new FakeClock();
  const server = new LeaseServer();
  const client = server.client();
  const history: string[] = [];
  const elector = new LeaderElector({ client, clock, random: () => 0, logger: new RecordingLogger(), metrics: new RecordingMetrics(), lease: { name: 'l' }, identity: 'me' });
  const manager = new Manager({
    clock,
    logger: new RecordingLogger(),
    ...(options.withElector === false ? {} : { elector }),
  });
  /** A part that notes when it starts and stops; `stopping` may delay the stop. */
  const part = (stage: Stage, name: string, stopping: () => Promise<unknown> = async () => true, more: Partial<Runnable> = {}): void =>
    manager.add(stage, {
      name,
      run: async (signal) => {
        history.push(`${name} up`);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        const result = await stopping();
        history.push(`${name} down${stage === 'leader' ? `, lease ${elector.leaseValid() ? 'ours' : 'not ours'}` : ''}`);
        return result;
      },
      ...more,
    });
  const stop = new AbortController();
  return { clock, server, client, elector, manager, history, part, stop, run: () => manager.run(stop.signal) };
};

describe('Manager', () => {
  it('starts probes, caches and, once synced and leading, controllers; and stops them in reverse', async () => {
    const { manager, elector, history, part, stop, run, server } = setUp();
    let sync = (): void => undefined;
    part('leader', 'controller');
    part('cache', 'reflector', undefined, { synced: new Promise<void>((resolve) => (sync = resolve)) });
    part('always', 'probes');
    const ended = run();
    await flush();
    expect([history, manager.ready(), server.writes]).toEqual([['probes up', 'reflector up'], false, 0]);
    sync();
    await flush();
    expect([history.at(-1), manager.ready(), manager.leading(), elector.isLeader()]).toEqual(['controller up', true, true, true]);
    stop.abort();
    await ended;
    expect(history.slice(3)).toEqual(['controller down, lease ours', 'reflector down', 'probes down']);
    expect([elector.isLeader(), manager.ready()]).toEqual([false, false]);
    expect(server.lease?.['spec']).not.toHaveProperty('holderIdentity');
  });

  it('keeps the lease alive while controllers drain longer than the lease', async () => {
    const { clock, history, part, stop, run } = setUp();
    part('leader', 'controller', () => new Promise((resolve) => clock.schedule(14_000, () => resolve(true))));
    const ended = run();
    await flush();
    stop.abort();
    await clock.advance(14_000);
    await ended;
    expect(history.at(-1)).toBe('controller down, lease ours');
  });

  it.each([
    { how: 'says that work was left', stopping: async (): Promise<unknown> => false },
    { how: 'does not come back', stopping: (): Promise<unknown> => new Promise(() => undefined) },
  ])('does not release the lease under a controller that $how', async ({ stopping }) => {
    const { clock, part, stop, run, server } = setUp();
    part('leader', 'controller', stopping);
    const ended = run();
    await flush();
    stop.abort();
    await clock.advance(15_000);
    await ended;
    expect(server.lease?.['spec']).toHaveProperty('holderIdentity', 'me');
  });

  it('stops the controllers and fails when the lease is lost', async () => {
    const { clock, client, history, part, run } = setUp();
    part('leader', 'controller');
    const ended = run();
    const failure = expect(ended).rejects.toThrow('the leader lease was lost');
    await flush();
    client.mode = 'failing';
    await clock.advance(10_000);
    await failure;
    expect(history).toEqual(['controller up', 'controller down, lease not ours']);
  });

  it.each([
    { how: 'fails', run: () => Promise.reject(new Error('port taken')), message: 'probes failed: port taken' },
    { how: 'ends by itself', run: () => Promise.resolve(), message: 'probes ended by itself' },
  ])('stops everything when a part $how', async ({ run: runPart, message }) => {
    const { manager, history, part, run } = setUp({ withElector: false });
    part('leader', 'controller');
    manager.add('always', { name: 'probes', run: runPart });
    await expect(run()).rejects.toThrow(message);
    expect(history.filter((line) => line.endsWith('up')).length).toBe(history.filter((line) => line.includes('down')).length);
  });

  it('ends while it waits for caches or for the lease', async () => {
    const waiting = setUp();
    waiting.part('cache', 'reflector', undefined, { synced: new Promise(() => undefined) });
    const first = waiting.run();
    await flush();
    waiting.stop.abort();
    await first;
    expect(waiting.history).toEqual(['reflector up', 'reflector down']);

    const standby = setUp();
    standby.client.mode = 'failing';
    standby.part('leader', 'controller');
    const second = standby.run();
    await flush();
    expect([standby.manager.ready(), standby.manager.leading()]).toEqual([true, false]);
    standby.stop.abort();
    await second;
    expect(standby.history).toEqual([]);
  });
});
