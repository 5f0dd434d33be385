/** The operator and the built-in server out of what their images hold, and nothing else. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { startApiServer } from '../../../src/local/apiserver/start-api-server.ts';
import type { ApiServer } from '../../../src/local/apiserver/start-api-server.ts';
import type { KubeObject, ResourceType } from '../../../src/runtime/ports.ts';
import { writeGoldenStore } from '../../worker/support/golden-store.ts';
import { layOut, run } from './program.ts';

const timeoutMs = 120_000;
const definitions: ResourceType = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false };

describe.each(['operator', 'worker'])('the image of the %s', (name) => {
  let image: Awaited<ReturnType<typeof layOut>>;
  let folder = '';
  const plateau = (words: readonly string[]) => run([process.execPath, '--disable-warning=ExperimentalWarning', join(image.root, 'app/dist/cli/plateau.js'), ...words], { cwd: folder });
  beforeAll(async () => {
    image = await layOut(name);
    folder = mkdtempSync(join(tmpdir(), 'plateau-in-image-'));
  }, timeoutMs);
  afterAll(() => {
    image.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds no sources, types, maps or tools for development', () => {
    const files = readdirSync(image.root, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.(?:ts|map)$/u.test(file))).toEqual([]);
    expect(files.filter((file) => /node_modules\/(?:typescript|jest|oxlint|node)\//u.test(file))).toEqual([]);
    expect(files).toContain('app/LICENSE');
  });

  it('explains its own command, and says in a sentence that it does not hold another', async () => {
    const own = plateau([name, '--help']);
    expect((await own.ended).code).toBe(0);
    expect(own.output()).toContain(`usage: plateau ${name}`);
    const other = plateau([name === 'operator' ? 'worker' : 'operator']);
    expect((await other.ended).code).toBe(2);
    expect(other.output()).toContain('this image does not hold the command');
  });

  if (name === 'operator') {
    let api: ApiServer;
    beforeAll(async () => {
      api = await startApiServer();
    });
    afterAll(() => api.stop());

    it('runs the operator against an API server until it is told to stop', async () => {
      const definition = parse(readFileSync(new URL('../../../crds/plateau.dev_featureservers.yaml', import.meta.url), 'utf8')) as KubeObject;
      await api.client.apply(definitions, definition, { fieldManager: 'test', force: true });
      const kubeconfig = join(folder, 'kubeconfig');
      writeFileSync(kubeconfig, api.kubeconfig());
      const operator = plateau(['operator', '--kubeconfig', kubeconfig, '--http-port', '0', '--log-format', 'json']);
      const [, url = ''] = await operator.until(/listening on (http:\S+?)["\s]/u);
      while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('workqueue_');
      expect((await operator.stop()).code).toBe(0);
    }, timeoutMs);
  } else {
    it('serves features', async () => {
      const yaml = writeGoldenStore(folder);
      const worker = plateau(['worker', '--feature-store', yaml, '--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--drain-grace', '0s']);
      const [line] = await worker.until(/\{[^\n]*"adminPort"[^\n]*\}/u);
      const { port, adminPort } = JSON.parse(line) as { port: number; adminPort: number };
      expect((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status).toBe(200);
      const body = JSON.stringify({ features: ['driver_hourly_stats:avg_daily_trips'], entities: { driver_id: [1001] } });
      const response = await fetch(`http://127.0.0.1:${port}/get-online-features`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect(await response.json()).toMatchObject({ results: [{ values: [1001] }, { values: [100] }] });
      expect((await worker.stop()).code).toBe(0);
    }, timeoutMs);
  }
});
