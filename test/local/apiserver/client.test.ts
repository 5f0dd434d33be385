/**
 * The ApiClient port on the embedded server: directly on its storage, and by the operator's own client over HTTPS.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { apiClientContract } from '../../contract/api-client.ts';
import { clientOf } from '../../kube/real-client.ts';
import { startApiServer, type ApiServer } from '../../../src/local/apiserver/start-api-server.ts';
import type { KubeClient } from '../../../src/kube/client.ts';

describe('ApiClient on the embedded API server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-client-'));
  let server: ApiServer;
  let overHttps: KubeClient;
  beforeAll(async () => {
    server = await startApiServer();
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, server.kubeconfig(), { mode: 0o600 });
    ({ client: overHttps } = clientOf(path));
  }, 30_000);
  afterAll(async () => {
    await overHttps.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  describe('directly', () => apiClientContract(() => server.client));
  describe('over HTTPS', () => apiClientContract(() => overHttps));
});
