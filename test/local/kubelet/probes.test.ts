import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ContainerProbes } from '../../../src/local/kubelet/container-probes.ts';
import { runProbe } from '../../../src/local/kubelet/probe-check.ts';
import type { ProbeResult } from '../../../src/local/kubelet/probe-check.ts';
import type { Probe } from '../../../src/local/kubelet/pod-schema.ts';
import { RestartBackoff } from '../../../src/local/kubelet/restart-backoff.ts';
import { FakeClock } from '../../runtime/support/fake-clock.ts';
import { podWith } from './support.ts';

const probe = (given: Record<string, unknown>): Probe => {
  const { container } = podWith({ readinessProbe: { httpGet: { port: 1 }, ...given } });
  if (container.readinessProbe === undefined) throw new Error('no probe');
  return container.readinessProbe;
};

describe('ContainerProbes', () => {
  const start = (container: Record<string, unknown>, answers: (probe: Probe) => boolean) => {
    const clock = new FakeClock();
    const events: string[] = [];
    const checks: Probe[] = [];
    const probes = new ContainerProbes({
      container: podWith(container).container,
      clock,
      check: (given): Promise<ProbeResult> => {
        checks.push(given);
        const ok = answers(given);
        return Promise.resolve({ ok, message: ok ? '' : 'refused' });
      },
      onStarted: () => events.push('started'),
      onReady: (ready) => events.push(ready ? 'ready' : 'unready'),
      onUnhealthy: (message) => events.push(message),
    });
    probes.start();
    return { clock, events, checks, probes };
  };

  it('is started and ready at once without probes', () => {
    expect(start({}, () => true).events).toEqual(['started', 'ready']);
  });

  it('asks for readiness and liveness only after the startup probe has passed', async () => {
    let up = false;
    const http = { httpGet: { port: 1 }, periodSeconds: 1 };
    const { clock, events, checks } = start({ startupProbe: { ...http, failureThreshold: 10 }, readinessProbe: http, livenessProbe: http }, () => up);
    await clock.advance(2_500);
    expect(events).toEqual([]);
    expect(checks.length).toBe(3);
    up = true;
    await clock.advance(1_000);
    expect(events).toEqual(['started', 'ready']);
  });

  it('kills after as many failures as the threshold says, and not before', async () => {
    const { clock, events } = start({ livenessProbe: { httpGet: { port: 1 }, periodSeconds: 5, failureThreshold: 3, initialDelaySeconds: 10 } }, () => false);
    await clock.advance(19_900);
    expect(events).toEqual(['started', 'ready']);
    await clock.advance(200);
    expect(events.at(-1)).toBe('Liveness probe failed: refused');
  });

  it('turns unready after three failures and ready again after one success', async () => {
    let up = true;
    const { clock, events } = start({ readinessProbe: { httpGet: { port: 1 }, periodSeconds: 1 } }, () => up);
    await clock.advance(100);
    up = false;
    await clock.advance(2_000);
    expect(events).toEqual(['started', 'ready']);
    await clock.advance(1_000);
    expect(events.at(-1)).toBe('unready');
    up = true;
    await clock.advance(1_000);
    expect(events.at(-1)).toBe('ready');
  });

  it('says nothing after it was stopped', async () => {
    const { clock, events, probes } = start({ readinessProbe: { httpGet: { port: 1 }, periodSeconds: 1 } }, () => true);
    probes.stop();
    await clock.advance(5_000);
    expect(events).toEqual(['started']);
  });
});

describe('runProbe', () => {
  it.each([
    [200, true],
    [302, true],
    [399, true],
    [404, false],
    [503, false],
  ])('counts status %d as %s', async (status, ok) => {
    const server = createServer((_, response) => {
      response.statusCode = status;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { container } = podWith({ ports: [{ name: 'admin', containerPort: 9100 }] });
    const result = await runProbe(probe({ httpGet: { port: 'admin', path: '/healthz' } }), { container, ip: '127.0.0.1', portOf: () => port });
    expect(result.ok).toBe(ok);
    server.close();
  });

  it('gives up on a server that does not answer in time', async () => {
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const result = await runProbe(probe({ timeoutSeconds: 1, httpGet: { port } }), { ...podWith({}), ip: '127.0.0.1', portOf: (declared) => declared });
    expect(result).toEqual({ ok: false, message: 'no answer within 1000 ms' });
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['a port that nobody listens on', { tcpSocket: { port: 1 }, httpGet: undefined }, 'ECONNREFUSED'],
    ['a kind that is not run here', { exec: { command: ['true'] }, httpGet: undefined }, 'names no port'],
    ['a port name that is not declared', { httpGet: { port: 'nobody' } }, 'names no port'],
  ])('fails for %s', async (_, given, message) => {
    const result = await runProbe(probe(given), { ...podWith({}), ip: '127.0.0.1', portOf: (port) => port });
    expect(result.ok).toBe(false);
    expect(result.message).toContain(message);
  });
});

describe('RestartBackoff', () => {
  it('starts at once, then waits 10 s doubling to 5 min, and forgets after 10 min of running', () => {
    const backoff = new RestartBackoff();
    const waits = Array.from({ length: 8 }, () => backoff.next(1_000));
    expect(waits).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    expect(backoff.next(600_000)).toBe(0);
    expect(backoff.next(1_000)).toBe(10_000);
  });
});
