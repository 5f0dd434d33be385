/**
 * The contract suite against a real kube-apiserver, and its kubectl part against both servers. The rest of it runs against the
 * embedded server in test/local/apiserver.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startApiServer, type ApiServer } from '../../src/local/apiserver/start-api-server.ts';
import { kubectlContract, type KubectlSubject } from '../contract/commands.ts';
import { compareServers } from '../contract/differential.ts';
import { apiContract, installFeatureServers } from '../contract/suite.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

jest.setTimeout(120_000);

describeControlPlane('the contract', (cluster) => {
  describe('a real kube-apiserver', () => {
    let subject: KubectlSubject;
    beforeAll(async () => {
      const { kubeconfigPath, assets, folder } = cluster();
      const setup = { program: assets.kubectl, kubeconfigPath, cacheFolder: join(folder, 'contract-cache') };
      subject = { kubeconfig: readFileSync(kubeconfigPath, 'utf8'), setup };
      await installFeatureServers(subject);
    });
    it('serves the schemas that the embedded server has a copy of', async () => {
      const { program, kubeconfigPath } = subject.setup;
      const args = ['hack/openapi/generate.ts', '--check', '--kubectl', program, '--kubeconfig', kubeconfigPath];
      const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
      expect(stderr).toBe('');
    });
    apiContract(() => subject, { collectsGarbage: false });
    kubectlContract(() => subject);
  });

  describe('the embedded API server', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plateau-contract-'));
    let server: ApiServer;
    let subject: KubectlSubject;
    beforeAll(async () => {
      server = await startApiServer();
      const kubeconfigPath = join(folder, 'kubeconfig');
      writeFileSync(kubeconfigPath, server.kubeconfig(), { mode: 0o600 });
      subject = { kubeconfig: server.kubeconfig(), setup: { program: cluster().assets.kubectl, kubeconfigPath, cacheFolder: join(folder, 'cache') } };
      await installFeatureServers(subject);
    });
    afterAll(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    kubectlContract(() => subject);

    it.each([1, 2, 3, 4, 5, 6])('leaves the same object as the real one after the same random writes (seed %i)', async (seed) => {
      const real = { kubeconfig: readFileSync(cluster().kubeconfigPath, 'utf8') };
      await compareServers(real, subject, { seed, writes: 25 });
    });
  });
});
