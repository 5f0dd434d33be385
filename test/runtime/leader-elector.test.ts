import { describe, expect, it, jest } from '@jest/globals';
import { fencedClient } from '../../src/runtime/fenced-client.ts';
import { LeaderElector } from '../../src/runtime/leader-elector.ts';
import { readLease } from '../../src/runtime/lease-record.ts';
import type { ApiClient } from '../../src/runtime/ports.ts';
import { FakeClock, flush } from './support/fake-clock.ts';
import { LeaseServer } from './support/lease-server.ts';
import { configMap, configMapType } from './support/objects.ts';
import { RecordingLogger, RecordingMetrics } from './support/recorders.ts';

const setUp = () => {
  const clock = new FakeClock();
  const server = new LeaseServer();
  const metrics = new RecordingMetrics();
  const candidate = (identity: string) => {
    const client = server.client();
    const stop = new AbortController();
    const elector = new LeaderElector({ client, clock, random: () => 0, logger: new RecordingLogger(), metrics, lease: { namespace: 'ns', name: 'plateau' }, identity });
    const history: string[] = [];
    const run = async (): Promise<void> => {
      if (!(await elector.acquire(stop.signal))) return;
      history.push('leading');
      history.push(await elector.keep(stop.signal));
    };
    return { client, stop, elector, history, start: () => void run() };
  };
  const record = () => (server.lease === undefined ? undefined : readLease(server.lease));
  return { clock, server, metrics, candidate, record };
};

describe('LeaderElector', () => {
  it('creates the lease, leads and renews every retry period with six digits of a second', async () => {
    const { clock, candidate, record, metrics, server } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    expect([a.elector.isLeader(), a.elector.leaseValid(), a.elector.transitions]).toEqual([true, true, 0]);
    expect(record()).toEqual({ holder: 'a', durationSeconds: 15, acquireTime: '2026-01-01T00:00:00.000000Z', renewTime: '2026-01-01T00:00:00.000000Z', transitions: 0 });
    expect(metrics.value('leader_election_master_status', { name: 'plateau' })).toBe(1);
    await clock.advance(60_000);
    expect(record()?.renewTime).toBe('2026-01-01T00:01:00.000000Z');
    expect(record()?.acquireTime).toBe('2026-01-01T00:00:00.000000Z');
    expect(server.writes).toBe(31);
  });

  it('takes over only when the record has not changed for the whole duration, whatever the times in it say', async () => {
    const { clock, candidate, record } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    // The follower's wall clock is a day ahead: by timestamps the lease would look long expired.
    clock.stepWallClock(86_400_000);
    const b = candidate('b');
    b.start();
    await clock.advance(60_000);
    expect(b.history).toEqual([]);
    a.client.mode = 'failing';
    await clock.advance(14_000);
    expect(b.elector.isLeader()).toBe(false);
    await clock.advance(6_000);
    expect(b.history).toEqual(['leading']);
    expect([b.elector.transitions, record()?.holder]).toEqual([1, 'b']);
  });

  it('never has two processes that may write, however the first one fails', async () => {
    for (const mode of ['failing', 'deaf', 'hanging', 'stubborn'] as const) {
      const { clock, candidate } = setUp();
      const a = candidate('a');
      const b = candidate('b');
      a.start();
      await flush();
      b.start();
      await clock.advance(5_000);
      a.client.mode = mode;
      for (let step = 0; step < 400; step += 1) {
        await clock.advance(100);
        expect([mode, step, a.elector.leaseValid() && b.elector.leaseValid()]).toEqual([mode, step, false]);
      }
      // A process whose writes arrive but whose answers are lost keeps the others out for as long as it tries.
      expect([mode, a.history, b.history]).toEqual([mode, ['leading', 'lost'], ['leading']]);
    }
  });

  it('gives up at the renew deadline, five seconds before anybody else may take over', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    a.client.mode = 'hanging';
    await clock.advance(9_999);
    expect([a.elector.leaseValid(), a.elector.lost.aborted]).toEqual([true, false]);
    await clock.advance(1);
    expect([a.elector.leaseValid(), a.elector.lost.aborted, a.history]).toEqual([false, true, ['leading', 'lost']]);
  });

  it('knows after a pause of the process that the lease may be gone, before any timer has run', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    clock.pauseProcess(30_000);
    expect(a.elector.leaseValid()).toBe(false);
    // Renewing now could take the lease from under a new leader's feet: it must be given up.
    await clock.advance(0);
    expect(a.history).toEqual(['leading', 'lost']);
  });

  it('knows after a suspend that only the wall clock saw, and recovers with the next renewal', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    clock.stepWallClock(3_600_000);
    expect(a.elector.leaseValid()).toBe(false);
    await clock.advance(2_000);
    expect([a.elector.leaseValid(), a.history]).toEqual([true, ['leading']]);
  });

  it('knows after a pause even when the wall clock was set back meanwhile', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    clock.stepWallClock(-3_600_000);
    clock.pauseProcess(10_000);
    expect(a.elector.leaseValid()).toBe(false);
  });

  it('adopts its own write when only the answer was lost', async () => {
    const { clock, candidate, record } = setUp();
    const a = candidate('a');
    a.client.mode = 'deaf';
    a.start();
    await flush();
    expect([record()?.holder, a.elector.isLeader()]).toEqual(['a', false]);
    a.client.mode = 'ok';
    await clock.advance(2_000);
    expect([a.elector.isLeader(), a.elector.transitions]).toEqual([true, 0]);
  });

  it('does not take another process of the same name for itself', async () => {
    const { clock, candidate } = setUp();
    const first = candidate('same');
    first.start();
    await clock.advance(1_000);
    const second = candidate('same');
    second.start();
    await clock.advance(60_000);
    expect([first.elector.isLeader(), second.elector.isLeader()]).toEqual([true, false]);
  });

  it('goes on when somebody labels or deletes the lease, and keeps its term', async () => {
    const { clock, candidate, server, record } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    if (server.lease !== undefined) server.lease = { ...server.lease, metadata: { ...server.lease.metadata, resourceVersion: '99', labels: { x: 'y' } } };
    await clock.advance(2_000);
    expect(server.lease?.metadata.labels).toEqual({ x: 'y' });
    server.lease = undefined;
    await clock.advance(2_000);
    expect([a.elector.isLeader(), record()?.holder, a.history]).toEqual([true, 'a', ['leading']]);
  });

  it('is lost at once when the lease names another holder', async () => {
    const { clock, candidate, server } = setUp();
    const a = candidate('a');
    a.start();
    await flush();
    if (server.lease !== undefined) server.lease = { ...server.lease, metadata: { ...server.lease.metadata, resourceVersion: '99' }, spec: { holderIdentity: 'thief', leaseDurationSeconds: 15, renewTime: 'x' } };
    await clock.advance(2_000);
    expect(a.history).toEqual(['leading', 'lost']);
  });

  it('releases on stop, so that the next one need not wait; the term number grows', async () => {
    const { clock, candidate, record } = setUp();
    const a = candidate('a');
    const b = candidate('b');
    a.start();
    await flush();
    b.start();
    await clock.advance(4_000);
    a.stop.abort();
    await flush();
    expect([a.history, a.elector.leaseValid()]).toEqual([['leading', 'stopped'], true]);
    await a.elector.release();
    expect([a.elector.leaseValid(), a.elector.isLeader(), record()?.holder]).toEqual([false, false, '']);
    await clock.advance(2_000);
    expect([b.history, b.elector.transitions]).toEqual([['leading'], 1]);
  });

  it('refuses durations that leave no room', () => {
    const { clock, server } = setUp();
    const make = (more: object) => () =>
      new LeaderElector({ client: server.client(), clock, random: Math.random, logger: new RecordingLogger(), metrics: new RecordingMetrics(), lease: { name: 'l' }, identity: 'a', ...more });
    expect(make({ leaseDurationMs: 10_000 })).toThrow('leaseDurationMs must be greater');
    expect(make({ retryPeriodMs: 9_000 })).toThrow('renewDeadlineMs must be greater');
  });
});

describe('fencedClient', () => {
  const fakeClient = () => {
    const object = configMap('a', '1');
    const answer = jest.fn(async () => object);
    const client: ApiClient = {
      get: answer,
      list: async () => ({ resourceVersion: '1', items: [object] }),
      watch: async function* () {
        yield { type: 'BOOKMARK', object };
      },
      create: answer,
      apply: answer,
      replace: answer,
      delete: async () => undefined,
    };
    return { client, answer };
  };

  it('lets reads pass and stops every kind of write when the lease may have passed', async () => {
    const { client, answer } = fakeClient();
    const fenced = fencedClient(client, { leaseValid: () => false, lost: new AbortController().signal });
    const object = configMap('a', '1');
    await expect(fenced.get(configMapType, { name: 'a' })).resolves.toBeDefined();
    answer.mockClear();
    const writes = [
      fenced.create(configMapType, object, { fieldManager: 'm' }),
      fenced.apply(configMapType, object, { fieldManager: 'm' }),
      fenced.replace(configMapType, object, { fieldManager: 'm' }),
      fenced.delete(configMapType, { name: 'a' }),
    ];
    for (const write of writes) await expect(write).rejects.toMatchObject({ kind: 'Aborted', message: expect.stringContaining('leader lease') });
    expect(answer).not.toHaveBeenCalled();
  });

  it('aborts a write under way when leadership is lost', async () => {
    const { client } = fakeClient();
    const lost = new AbortController();
    const stuck: ApiClient = { ...client, apply: (_type, _object, { signal }) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))) };
    const write = fencedClient(stuck, { leaseValid: () => true, lost: lost.signal }).apply(configMapType, configMap('a', '1'), { fieldManager: 'm' });
    lost.abort(new Error('gone'));
    await expect(write).rejects.toThrow('gone');
  });
});
