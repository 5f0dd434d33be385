import { afterEach, describe, expect, it } from '@jest/globals';
import { startHttpServer } from '../../src/telemetry/http-server.ts';
import type { RunningServer } from '../../src/telemetry/http-server.ts';
import { metricCatalogue } from '../../src/telemetry/metric-catalogue.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { RecordingLogger } from '../runtime/support/recorders.ts';

const open: RunningServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const start = async (ready = true, port = 0) => {
  const metrics = createMetrics(metricCatalogue);
  const server = await startHttpServer({ host: '127.0.0.1', port, metrics, logger: new RecordingLogger(), ready: () => ready, leading: () => true, fleets: () => [{ name: 'ranking' }], fleet: (namespace, name) => (namespace === 'shop' ? { name } : undefined) });
  open.push(server);
  return { metrics, server, get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init) };
};

describe('HTTP port', () => {
  it('answers probes, metrics with help texts, and the fleets', async () => {
    const { get, metrics } = await start();
    metrics.increment('plateau_decisions_total', { reason: 'CapacityShort' });
    expect([(await get('/healthz')).status, (await get('/readyz')).status]).toEqual([200, 200]);
    const page = await (await get('/metrics')).text();
    expect(page).toContain('plateau_decisions_total{reason="CapacityShort"} 1');
    for (const name of Object.keys(metricCatalogue)) expect(page).toContain(`# HELP ${name} `);
    expect(await (await get('/api/fleets')).json()).toEqual({ fleets: [{ name: 'ranking' }] });
    expect(await (await get('/api/fleets/shop/ranking')).json()).toEqual({ name: 'ranking' });
    expect((await get('/api/fleets/shop2/ranking')).status).toBe(404);
  });

  it('is not ready before the caches are filled, and read-only', async () => {
    const { get } = await start(false);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/api/fleets', { method: 'DELETE' })).status).toBe(405);
  });

  it('says in one sentence that the port is taken', async () => {
    const { server } = await start();
    await expect(start(true, server.port)).rejects.toThrow(`port ${server.port} on 127.0.0.1 is taken by another process; choose another one with --http-port`);
  });
});

describe('createMetrics', () => {
  it('refuses names that nobody has declared', () => {
    expect(() => createMetrics(metricCatalogue).set('nonsense', {}, 1)).toThrow('nonsense is not declared');
  });
});
