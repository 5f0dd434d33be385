/** The children that src/core/specs builds, on a real kube-apiserver with Pod Security and RBAC. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { featureServerSchema } from '../../src/api/featureserver.ts';
import type { FeatureServer } from '../../src/api/featureserver.ts';
import { resourceTypes } from '../../src/api/resource-types.ts';
import { desiredChildren } from '../../src/core/specs/index.ts';
import type { Child } from '../../src/core/specs/index.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/runtime/ports.ts';
import { minimal } from '../api/support/rule-cases.ts';
import { context } from '../core/specs/support/feature-servers.ts';
import { openClient } from './crd-client.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

const builtin = { server: { builtin: { featureStore: { secret: { name: 'store' } } } } };
/** What would never pass the restricted level by itself, and much that does. */
const hostile = {
  ...builtin,
  env: [{ name: 'LOG', value: 'debug' }, { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  envFrom: [{ configMapRef: { name: 'settings', optional: true } }],
  resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '500m' } },
  rollout: { maxSurge: '50%', maxUnavailable: 1, minReadySeconds: 3, terminationGrace: '90s' },
  disruption: { maxUnavailable: '25%' },
  networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'client' } } }], metricsFrom: [{ namespaceSelector: {} }] },
  podTemplate: {
    metadata: { labels: { team: 'a' }, annotations: { note: 'x' } },
    spec: {
      hostNetwork: false,
      priorityClassName: 'system-cluster-critical',
      securityContext: {
        runAsNonRoot: false,
        seccompProfile: { type: 'Unconfined' },
        appArmorProfile: { type: 'Unconfined' },
        seLinuxOptions: { type: 'spc_t' },
        sysctls: [{ name: 'kernel.msgmax', value: '1' }],
        windowsOptions: { hostProcess: true },
      },
      initContainers: [{ name: 'warm', image: 'warm:1', securityContext: { privileged: true } }],
      containers: [
        { name: 'server', securityContext: { allowPrivilegeEscalation: true, capabilities: { add: ['SYS_ADMIN'] } }, livenessProbe: null },
        { name: 'proxy', image: 'proxy:1', ports: [{ containerPort: 8443, hostPort: 8443 }], securityContext: { procMount: 'Unmasked' } },
      ],
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }, { name: 'model', emptyDir: {} }, { name: 'share', nfs: { server: 's', path: '/' } }],
    },
  },
};
const variants: [string, Record<string, unknown>][] = [
  ['builtin', builtin],
  ['builtin-configmap', { server: { builtin: { featureStore: { configMap: { name: 'store', key: 'prod.yaml' } } } } }],
  ['custom', { server: { custom: { image: 'example.com/server:1', command: ['serve'], args: ['--fast'] } } }],
  ['feast', { server: { feast: { image: 'example.com/feast:1', featureStore: { configMap: { name: 'store' } } } } }],
  ['python', { server: { python: { image: 'example.com/shop:1', app: 'main:app', server: 'waitress' } } }],
  ['hostile', hostile],
];

describeControlPlane('the children', (cluster) => {
  let client: KubeClient;
  let namespace = '';
  beforeAll(async () => {
    await cluster().installCrds();
    namespace = await cluster().createNamespace();
    await cluster().kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted', 'pod-security.kubernetes.io/enforce-version=latest']);
    // The kube-controller-manager would make it; without it a bare pod is refused.
    await cluster().applyYaml(stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }), namespace);
    client = openClient(cluster().kubeconfigPath);
  });
  afterAll(() => client.close());

  const create = async (name: string, spec: Record<string, unknown>): Promise<FeatureServer> => {
    await cluster().applyYaml(stringify(minimal(spec, name)), namespace);
    return featureServerSchema.parse(await client.get(resourceTypes.featureServer, { name, namespace }));
  };
  const apply = ({ type, object, fieldManager }: Child): Promise<KubeObject> => client.apply(type, object, { fieldManager });
  const applyAll = async (children: Child[]): Promise<KubeObject[]> => {
    const applied: KubeObject[] = [];
    for (const child of children) applied.push(await apply(child));
    return applied;
  };

  describe.each(variants)('of a %s server', (name, spec) => {
    let children: Child[] = [];
    let applied: KubeObject[] = [];
    beforeAll(async () => {
      children = desiredChildren(await create(name, spec), context());
      applied = await applyAll(children);
    });

    it('are accepted, every one', () => {
      expect(applied.map(({ kind, metadata }) => [kind, metadata.name])).toEqual(children.map(({ object }) => [object.kind, object.metadata.name]));
    });

    it('change nothing when they are applied again', async () => {
      const again = await applyAll(children);
      expect(again.map(({ metadata }) => metadata.resourceVersion)).toEqual(applied.map(({ metadata }) => metadata.resourceVersion));
    });

    it('make pods that the restricted level admits', async () => {
      const [spec] = applied.filter(({ kind }) => kind === 'Deployment').map((deployment) => deployment['spec']);
      const { template } = spec as { template: { spec: Record<string, unknown>; metadata: Record<string, unknown> } };
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `${name}-pod`, namespace }, spec: template.spec };
      const admitted = await client.create(resourceTypes.pod, pod, { fieldManager: 'test' });
      expect(admitted.metadata.name).toBe(`${name}-pod`);
    });

    it('leave replicas to a manager of its own', async () => {
      const { name: deploymentName } = children.find(({ role }) => role === 'deployment')?.object.metadata ?? { name: '' };
      const replicas = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: deploymentName, namespace }, spec: { replicas: 9 } };
      await client.apply(resourceTypes.deployment, replicas, { fieldManager: 'plateau-scale', force: true });
      await applyAll(children);
      expect((await client.get(resourceTypes.deployment, { name: deploymentName, namespace }))['spec']).toMatchObject({ replicas: 9 });
    });
  });

  it('roll no pod when the size of the pool changes', async () => {
    const object = await create('resized', builtin);
    const size = (threads: number) => desiredChildren(object, context({ pool: { threads, processes: 1, generation: threads, objectiveMs: 30 } }));
    const before = await applyAll(size(4));
    const after = await applyAll(size(5));
    const versions = (objects: KubeObject[]) => Object.fromEntries(objects.map(({ kind, metadata }) => [kind, metadata.resourceVersion]));
    const { ConfigMap: oldConfig, ...othersBefore } = versions(before);
    const { ConfigMap: newConfig, ...othersAfter } = versions(after);
    expect(othersAfter).toEqual(othersBefore);
    expect(newConfig).not.toBe(oldConfig);
  });

  it('have names that fit for the longest name of a FeatureServer', async () => {
    const applied = await applyAll(desiredChildren(await create('a'.repeat(46), { ...builtin, networkPolicy: { enabled: true } }), context()));
    expect(applied).toHaveLength(7);
  });
});
