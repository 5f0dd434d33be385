/** The CRD as a user meets it: with kubectl on a real kube-apiserver. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { resourceTypes } from '../../src/api/resource-types.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { minimal } from '../api/support/rule-cases.ts';
import { openClient } from './crd-client.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

const status = {
  observedGeneration: 1,
  mode: 'Auto',
  replicas: 3,
  readyReplicas: 2,
  selector: 'app.kubernetes.io/instance=ranking',
  desiredReplicas: 4,
  image: 'example.com/plateau:1',
  threads: { desired: 6, acknowledgedPods: 2 },
  observed: { p95: '27ms', at: '2026-01-01T00:00:00Z' },
  bottleneck: { class: 'THREADS', since: '2026-01-01T00:00:00Z', evidence: 'e', advice: 'a' },
  recommendation: { replicas: 5, threads: 6, processes: 1 },
  decisions: [
    { at: '2026-01-01T00:00:00Z', from: { replicas: 3, threads: 4, processes: 1 }, to: { replicas: 3, threads: 6, processes: 1 }, reason: 'ThreadFloor', message: 'm' },
  ],
  autoscaling: { anything: { deep: [1] } },
  conditions: [{ type: 'Ready', status: 'False', reason: 'PodsNotReady', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }],
};

describeControlPlane('a FeatureServer in the hands of kubectl', (cluster) => {
  let client: KubeClient;
  let namespace = '';
  beforeAll(async () => {
    await cluster().installCrds();
    namespace = await cluster().createNamespace();
    client = openClient(cluster().kubeconfigPath);
    await cluster().applyYaml(stringify(minimal({ replicas: 3 })), namespace);
    const { apiVersion, kind } = minimal();
    const object = { apiVersion: String(apiVersion), kind: String(kind), metadata: { name: 'ranking', namespace }, status };
    await client.apply(resourceTypes.featureServer, object, { fieldManager: 'plateau-status', subresource: 'status' });
  });
  afterAll(() => client.close());

  const kubectl = (...args: string[]) => cluster().kubectl([...args, '-n', namespace]);
  const cells = async (...args: string[]): Promise<Record<string, string>> => {
    const [header = '', row = ''] = (await kubectl('get', ...args)).trim().split('\n');
    const values = row.trim().split(/\s{2,}/u);
    return Object.fromEntries(header.trim().split(/\s{2,}/u).map((name, index) => [name, values[index] ?? '']));
  };

  /** The API server publishes the schema some time after the CRD is established, and tells nobody when. */
  const explained = async (path: string, attempts = 50): Promise<string> => {
    try {
      return await kubectl('explain', path);
    } catch (error) {
      if (attempts === 0) throw error;
      return explained(path, attempts - 1);
    }
  };

  it('shows its columns, by its short name', async () => {
    const { NAME, AGE, ...rest } = await cells('fsrv', 'ranking');
    expect([NAME, AGE]).toEqual(['ranking', expect.stringMatching(/^\d+[smh]/u)]);
    expect(rest).toEqual({ READY: 'False', REPLICAS: '3', DESIRED: '4', THREADS: '6', P95: '27ms', OBJECTIVE: '30ms', BOTTLENECK: 'THREADS', MODE: 'Auto' });
  });

  it('shows more columns when asked for', async () => {
    const { MIN, MAX, IMAGE, RECOMMENDED, REASON } = await cells('fsrv', 'ranking', '-o', 'wide');
    expect({ MIN, MAX, IMAGE, RECOMMENDED, REASON }).toEqual({ MIN: '2', MAX: '10', IMAGE: 'example.com/plateau:1', RECOMMENDED: '5', REASON: 'ThreadFloor' });
  });

  it.each(['all', 'plateau'])('is in the category %s', async (category) => {
    expect(await kubectl('get', category, '-o', 'name')).toContain('featureserver.plateau.dev/ranking');
  });

  it('keeps the whole status that the operator writes, the memory of the autoscaler included', async () => {
    const stored = await client.get(resourceTypes.featureServer, { name: 'ranking', namespace });
    expect(stored['status']).toEqual(status);
  });

  it('is explained field by field', async () => {
    expect(await explained('fsrv.spec.scaling.maxConcurrency')).toContain('Most requests that the whole fleet may have at the store');
  }, 60_000);

  it('takes kubectl scale, and tells an autoscaler size and selector', async () => {
    await kubectl('scale', 'fsrv/ranking', '--replicas=7');
    const scale: unknown = JSON.parse(await kubectl('get', '--raw', `/apis/plateau.dev/v1alpha1/namespaces/${namespace}/featureservers/ranking/scale`));
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 7 }, status: { replicas: 3, selector: 'app.kubernetes.io/instance=ranking' } });
  });

  it('does not let the status through with the spec, nor the spec with the status', async () => {
    const before = await client.get(resourceTypes.featureServer, { name: 'ranking', namespace });
    await kubectl('patch', 'fsrv/ranking', '--type=merge', '-p', JSON.stringify({ status: { mode: 'Off' } }));
    await kubectl('patch', 'fsrv/ranking', '--subresource=status', '--type=merge', '-p', JSON.stringify({ spec: { replicas: 1 } }));
    const after = await client.get(resourceTypes.featureServer, { name: 'ranking', namespace });
    expect([after['spec'], after['status']]).toEqual([before['spec'], before['status']]);
  });

  it('refuses an unknown field when validation is strict, which is what kubectl asks for', async () => {
    const misspelt = stringify(minimal({ scaling: { maxConcurency: 400 } }, 'misspelt'));
    const refused = cluster().kubectl(['apply', '--server-side', '--validate=strict', '-n', namespace, '-f', '-'], misspelt);
    await expect(refused).rejects.toThrow(/maxConcurency/u);
  });

  it('prunes an unknown field when validation is off, and keeps those of the pod template', async () => {
    const podTemplate = { spec: { nodeSelector: { disk: 'fast' }, containers: [{ name: 'server', tty: true, livenessProbe: { httpGet: null } }] } };
    const object = stringify(minimal({ later: 1, server: { custom: { image: 'x', later: 1 } }, podTemplate }, 'pruned'));
    await cluster().kubectl(['create', '--validate=ignore', '-n', namespace, '-f', '-'], object);
    const { spec } = await client.get(resourceTypes.featureServer, { name: 'pruned', namespace });
    expect(spec).not.toHaveProperty('later');
    expect(spec).toMatchObject({ server: { custom: { image: 'x' } }, podTemplate });
    expect(spec).not.toHaveProperty('server.custom.later');
  });

  it('is refused without an objective or a server, by name', async () => {
    const empty = stringify({ ...minimal(), metadata: { name: 'empty' }, spec: {} });
    await expect(cluster().applyYaml(empty, namespace)).rejects.toThrow(/spec\.objective: Required value[\s\S]*spec\.server: Required value/u);
  });
});
