import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { describeControlPlane, describeKubernetes } from './support/describe-kubernetes.ts';
import { startControlPlane } from './support/control-plane.ts';
import { KubectlError } from './support/kubectl.ts';

const timeoutMs = 120_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const untilGone = async (pids: readonly number[]): Promise<void> => {
  while (pids.some(isAlive)) await delay(20);
};

const configMap = (data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data });

describeControlPlane('control plane', (cluster) => {
  it('has a server and a kubectl of one version', async () => {
    const version: unknown = JSON.parse(await cluster().kubectl(['version', '-o', 'json']));
    const gitVersion = z.object({ gitVersion: z.string() });
    const { clientVersion, serverVersion } = z.object({ clientVersion: gitVersion, serverVersion: gitVersion }).parse(version);
    expect(serverVersion).toEqual(clientVersion);
    expect(serverVersion.gitVersion).toMatch(/^v1\.\d+\.\d+$/);
  }, timeoutMs);

  it('refuses a field that another manager owns, and names that manager', async () => {
    const { applyYaml, createNamespace, kubectl } = cluster();
    const namespace = await createNamespace();
    await applyYaml(configMap({ threads: '4' }), namespace);
    const apply = ['apply', '--server-side', '--field-manager=somebody-else', '--namespace', namespace, '-f', '-'];
    await expect(kubectl(apply, configMap({ threads: '8' }))).rejects.toThrow(/conflict with "kubectl": \.data\.threads/);
    await kubectl([...apply, '--force-conflicts'], configMap({ threads: '8' }));
    expect(await kubectl(['get', 'configmap', 'settings', '-n', namespace, '-o', 'jsonpath={.data.threads}'])).toBe('8');
  }, timeoutMs);

  it('gives a limited user the named rights and no others', async () => {
    const { createNamespace, kubectl, limitedUser } = cluster();
    const namespace = await createNamespace();
    const kubeconfig = await limitedUser([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }], namespace);
    const asUser = ['--kubeconfig', kubeconfig, 'get'];
    expect(await kubectl([...asUser, 'pods', '-o', 'name'])).toBe('');
    const refused: unknown = await kubectl([...asUser, 'secrets']).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KubectlError);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('forbidden') });
    await expect(kubectl([...asUser, 'pods', '--namespace', 'default'])).rejects.toThrow('forbidden');
  }, timeoutMs);

  it.each(['SIGTERM', 'SIGKILL'] as const)('comes back with its data at the same address after %s', async (signal) => {
    const { createNamespace, kubectl, processIds, startApiServer, stopApiServer } = cluster();
    const namespace = await createNamespace();
    const { kubeApiserver } = processIds();
    await stopApiServer(signal);
    expect(isAlive(kubeApiserver)).toBe(false);
    await expect(kubectl(['get', 'namespace', namespace])).rejects.toThrow(/refused/);
    await startApiServer();
    expect(await kubectl(['get', 'namespace', namespace, '-o', 'name'])).toBe(`namespace/${namespace}\n`);
  }, timeoutMs);
});

describeControlPlane('a control plane with an open watch', (cluster) => {
  it('stops in order within seconds and ends the watch', async () => {
    const { assets, kubeconfigPath, stopApiServer } = cluster();
    const watch = spawn(assets.kubectl, ['--kubeconfig', kubeconfigPath, 'get', 'namespaces', '--watch', '-o', 'name'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(watch, 'close');
    await once(watch.stdout, 'data');
    const started = performance.now();
    await stopApiServer('SIGTERM');
    // About two seconds; with an open watch and no --shutdown flag it would be a minute. stopApiServer falls back on SIGKILL after 45 s.
    expect(performance.now() - started).toBeLessThan(30_000);
    await ended;
  }, timeoutMs);
});

describeKubernetes('end of a control plane', () => {
  it('leaves no process and no file after stop, which may be called twice', async () => {
    const { folder, processIds, stop } = await startControlPlane();
    const ids = Object.values(processIds());
    expect(ids.every(isAlive)).toBe(true);
    await stop();
    await stop();
    expect(ids.filter(isAlive)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  }, timeoutMs);

  it('says in the server\'s own words why it did not come up', async () => {
    await expect(startControlPlane({ apiServerFlags: ['--no-such-flag'] })).rejects.toThrow(/ended before it was ready[^]*no-such-flag/);
  }, timeoutMs);

  describe.each(['SIGKILL', 'SIGINT'] as const)('when its owner dies of %s', (signal) => {
    it('ends every process and deletes the data', async () => {
      const fixture = fileURLToPath(new URL('support/owner-fixture.ts', import.meta.url));
      const owner = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line]: unknown[] = await once(createInterface(owner.stdout), 'line');
      const { etcd, kubeApiserver, folder } = z
        .object({ etcd: z.number(), kubeApiserver: z.number(), folder: z.string() })
        .parse(JSON.parse(String(line)));
      expect([etcd, kubeApiserver].every(isAlive)).toBe(true);
      owner.kill(signal);
      await untilGone([etcd, kubeApiserver]);
      while (existsSync(folder)) await delay(20);
    }, timeoutMs);
  });
});
