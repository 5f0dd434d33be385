import { afterEach, expect, it } from '@jest/globals';
import { Controller } from '../../src/runtime/controller.ts';
import { fencedClient } from '../../src/runtime/fenced-client.ts';
import { LeaderElector } from '../../src/runtime/leader-elector.ts';
import { leaseType } from '../../src/runtime/lease-record.ts';
import { Manager } from '../../src/runtime/manager.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { clientOf, configMaps } from '../kube/real-client.ts';
import { RecordingLogger, RecordingMetrics } from '../runtime/support/recorders.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

const timeoutMs = 60_000;

describeControlPlane('leader election on a real Lease', (cluster) => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  }, timeoutMs);

  /** An operator process in small: an elector and a controller that writes a ConfigMap through the fence. */
  const startOperator = (namespace: string, identity: string) => {
    const { client } = clientOf(cluster().kubeconfigPath);
    const clock = systemClock();
    const logger = new RecordingLogger();
    const metrics = new RecordingMetrics();
    const elector = new LeaderElector({
      client, clock, logger, metrics, identity, random: Math.random,
      lease: { namespace, name: 'plateau' }, leaseDurationMs: 6_000, renewDeadlineMs: 4_000, retryPeriodMs: 500,
    });
    const fenced = fencedClient(client, elector);
    const controller = new Controller({
      name: identity, clock, logger, metrics, random: Math.random,
      reconcile: async (key, signal) => {
        await fenced.apply(configMaps, { metadata: { namespace, name: key }, data: { by: identity, term: String(elector.transitions) } }, { fieldManager: 'test', force: true, signal });
        return {};
      },
    });
    const manager = new Manager({ clock, logger, elector });
    let leading = (): void => undefined;
    const led = new Promise<void>((resolve) => (leading = resolve));
    manager.add('leader', { name: 'controller', run: (signal) => (leading(), controller.run(signal)) });
    const stop = new AbortController();
    const ended = manager.run(stop.signal).catch((error: unknown) => error);
    open.push(async () => {
      stop.abort();
      await ended;
      await client.close();
    });
    return { client, elector, controller, logger, led, stop, ended, fenced };
  };

  it('is accepted by the server with MicroTime, and handed over at once on a graceful stop', async () => {
    const namespace = await cluster().createNamespace();
    const first = startOperator(namespace, 'first');
    await first.led;
    const lease = await first.client.get(leaseType, { namespace, name: 'plateau' });
    expect(lease['spec']).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 6, leaseTransitions: 0, renewTime: expect.stringMatching(/\.\d{6}Z$/) });
    const second = startOperator(namespace, 'second');
    first.controller.enqueue('note');
    // Past the lease's duration: it lives only because it is renewed.
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    expect([first.elector.leaseValid(), second.elector.isLeader()]).toEqual([true, false]);
    const stoppedMs = performance.now();
    first.stop.abort();
    await second.led;
    expect(performance.now() - stoppedMs).toBeLessThan(5_000);
    expect([first.elector.isLeader(), second.elector.transitions]).toEqual([false, 1]);
    await expect(first.client.get(configMaps, { namespace, name: 'note' })).resolves.toMatchObject({ data: { by: 'first', term: '0' } });
  }, timeoutMs);

  it('passes to the other process when the first one is cut off, and the first one can no longer write', async () => {
    const namespace = await cluster().createNamespace();
    const first = startOperator(namespace, 'first');
    await first.led;
    const second = startOperator(namespace, 'second');
    // The first process loses its connection for good.
    await first.client.close();
    await second.led;
    expect([first.elector.leaseValid(), second.elector.leaseValid()]).toEqual([false, true]);
    await expect(first.fenced.apply(configMaps, { metadata: { namespace, name: 'note' } }, { fieldManager: 'test' })).rejects.toMatchObject({ kind: 'Aborted' });
    await expect(first.ended).resolves.toMatchObject({ message: expect.stringContaining('the leader lease was lost') });
    const lease = await second.client.get(leaseType, { namespace, name: 'plateau' });
    expect(lease['spec']).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  }, timeoutMs);

  it('knows after its event loop has stood still that the lease may be gone, and does not write', async () => {
    const namespace = await cluster().createNamespace();
    const operator = startOperator(namespace, 'sleeper');
    await operator.led;
    expect(operator.elector.leaseValid()).toBe(true);
    // No timer, no promise and no socket is served for longer than the renew deadline.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_100);
    expect(operator.elector.leaseValid()).toBe(false);
    await expect(operator.fenced.apply(configMaps, { metadata: { namespace, name: 'note' } }, { fieldManager: 'test' })).rejects.toMatchObject({ kind: 'Aborted' });
    await expect(operator.ended).resolves.toMatchObject({ message: expect.stringContaining('the leader lease was lost') });
  }, timeoutMs);
});
