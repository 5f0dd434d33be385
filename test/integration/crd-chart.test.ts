/** The Helm chart, rendered by Helm and applied to a real kube-apiserver. Without Helm it is left out, loudly. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { minimal } from '../api/support/rule-cases.ts';
import type { ControlPlane } from './support/control-plane.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';
import { startGuarded } from './support/guarded-process.ts';

const run = promisify(execFile);
const chart = fileURLToPath(new URL('../../charts/plateau', import.meta.url));

const cached = (): string[] => {
  const cache = join(homedir(), '.cache', 'plateau', 'helm');
  return existsSync(cache) ? readdirSync(cache).map((version) => join(cache, version, 'helm')) : [];
};
const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'helm'));
const helm = [process.env['HELM'] ?? '', ...onPath, ...cached()].find((file) => file !== '' && existsSync(file));
if (helm === undefined) {
  console.warn('the chart is not tested: no helm on the PATH; get it with `go install helm.sh/helm/v3/cmd/helm@v3.22.0`');
}
const suite = helm === undefined && process.env['CI'] !== 'true' ? describe.skip : describe;

const render = async (...flags: string[]): Promise<string> => {
  const args = ['template', 'plateau', chart, '--namespace', 'plateau-system', '--kube-version', '1.34.4', ...flags];
  return (await run(helm ?? 'helm', args)).stdout;
};

/** The operator of this checkout as a process, with the chart's account and arguments; its port is any free one. */
const startOperator = async (cluster: ControlPlane, args: readonly string[]) => {
  const token = (await cluster.kubectl(['create', 'token', 'plateau', '-n', 'plateau-system'])).trim();
  const admin = JSON.parse(readFileSync(cluster.kubeconfigPath, 'utf8')) as object;
  const kubeconfig = join(cluster.folder, 'operator.kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify({ ...admin, users: [{ name: 'test', user: { token } }] }), { mode: 0o600 });
  const logFile = join(cluster.folder, 'operator.log');
  const program = fileURLToPath(new URL('../../src/cli/plateau.ts', import.meta.url));
  const command = ['POD_NAMESPACE=plateau-system', process.execPath, program, ...args, `--kubeconfig=${kubeconfig}`, '--http-port=0', '--http-host=127.0.0.1'];
  return { ...(await startGuarded('env', command, { cwd: cluster.folder, logFile })), logFile };
};

suite('the chart', () => {
  it('passes helm lint', async () => {
    const { stdout } = await run(helm ?? 'helm', ['lint', '--strict', '--kube-version', '1.34.4', chart]);
    expect(stdout).toContain('0 chart(s) failed');
  });

  it.each([
    ['replicaCount=3', 'replicas: 3'],
    ['image.repository=mine/plateau', 'image: mine/plateau:'],
    ['workerImage.repository=mine/worker', '--builtin-image=mine/worker:'],
    ['workerImage.tag=8.8.8', '--builtin-image=plateau-worker:8.8.8'],
    ['poolImage.repository=mine/pool', '--pool-image=mine/pool:'],
    ['poolImage.tag=7.7.7', '--pool-image=plateau-pool:7.7.7'],
    ['image.tag=9.9.9', ':9.9.9'],
    ['image.pullPolicy=Never', 'imagePullPolicy: Never'],
    ['imagePullSecrets[0].name=pull', 'name: pull'],
    ['resources.limits.cpu=3', 'cpu: 3'],
    ['podLabels.team=mine', 'team: mine'],
    ['podAnnotations.note=mine', 'note: mine'],
    ['nodeSelector.disk=fast', 'disk: fast'],
    ['tolerations[0].key=mine', 'key: mine'],
    ['affinity.nodeAffinity.mine=a', 'mine: a'],
    ['httpPort=9999', 'containerPort: 9999'],
    ['httpPort=9999', '--http-port=9999'],
  ])('uses the value %s', async (setting, shown) => {
    expect(await render()).not.toContain(shown);
    expect(await render('--set', setting)).toContain(shown);
  });

  it.each([
    ['replicas=3', /replicas/u],
    ['replicaCount=0', /replicaCount/u],
    ['image.pullPolicy=Sometimes', /pullPolicy/u],
  ])('refuses %s', async (setting, named) => {
    await expect(render('--set', setting)).rejects.toThrow(named);
  });

  it('gives the operator no right to list or watch Secrets', async () => {
    const rendered = await render();
    const secrets = [...rendered.matchAll(/resources:\n\s+- secrets\n(?:\s+resourceNames:\n\s+- \S+\n)?\s+verbs:\n((?:\s+- \w+\n)+)/gu)].map(([, verbs = '']) => verbs.match(/\w+/gu));
    expect(secrets).toEqual([['get', 'create', 'patch'], ['create'], ['get']]);
  });

  it("adds FeatureServers to the cluster's own roles for viewers and editors", async () => {
    const rendered = await render();
    for (const role of ['view', 'edit', 'admin']) expect(rendered).toContain(`rbac.authorization.k8s.io/aggregate-to-${role}: "true"`);
  });

  describeControlPlane('on a real API server', (cluster) => {
    beforeAll(async () => {
      await cluster().kubectl(['create', 'namespace', 'plateau-system']);
      await cluster().kubectl(['label', 'namespace', 'plateau-system', 'pod-security.kubernetes.io/enforce=restricted', 'pod-security.kubernetes.io/warn=restricted']);
    });

    it('is accepted with its CRD, strictly validated', async () => {
      const rendered = await render('--include-crds');
      const answer = await cluster().kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], rendered);
      expect(answer).toContain('deployment.apps/plateau serverside-applied');
      expect(answer).toContain('customresourcedefinition.apiextensions.k8s.io/featureservers.plateau.dev serverside-applied');
    });

    it('makes a pod that the restricted level admits', async () => {
      const template: unknown = JSON.parse(await cluster().kubectl(['get', 'deployment', 'plateau', '-n', 'plateau-system', '-o', 'jsonpath={.spec.template}']));
      const pod = { apiVersion: 'v1', kind: 'Pod', ...(template as { metadata: object }), metadata: { name: 'operator', namespace: 'plateau-system' } };
      expect(await cluster().kubectl(['create', '-f', '-'], JSON.stringify(pod))).toContain('pod/operator created');
    });

    it('gives the operator all the rights and flags that it needs: with its own account it makes the children of a fleet', async () => {
      const { kubectl } = cluster();
      const namespace = await cluster().createNamespace();
      const args: unknown = JSON.parse(await kubectl(['get', 'deployment', 'plateau', '-n', 'plateau-system', '-o', 'jsonpath={.spec.template.spec.containers[0].args}']));
      const operator = await startOperator(cluster(), args as string[]);
      try {
        const policy = { networkPolicy: { enabled: true } };
        await cluster().applyYaml(stringify(minimal(policy)), namespace);
        // One by one: of several that are not there yet, kubectl wait makes an error at once.
        for (const child of ['deployment/ranking', 'networkpolicy/ranking', 'secret/ranking-pool-token']) {
          await kubectl(['wait', '--for=create', child, '-n', namespace, '--timeout=60s']);
        }
        await kubectl(['wait', '--for=jsonpath={.status.observedGeneration}=1', 'fsrv/ranking', '-n', namespace, '--timeout=60s']);
        await kubectl(['wait', '--for=create', 'lease/plateau-operator', '-n', 'plateau-system', '--timeout=60s']);
        // Switched off, it goes: the one child that the operator may delete.
        await cluster().applyYaml(stringify(minimal()), namespace);
        await kubectl(['wait', '--for=delete', 'networkpolicy/ranking', '-n', namespace, '--timeout=60s']);
      } finally {
        await operator.stop('SIGTERM', 20_000);
      }
      expect(readFileSync(operator.logFile, 'utf8')).not.toMatch(/forbidden/iu);
      expect(await operator.ended).toBe(0);
    }, 240_000);
  });
});
