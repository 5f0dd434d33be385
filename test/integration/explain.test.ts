import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { explained } from '../../src/cli/explain.ts';
import { resourceTypes } from '../../src/api/resource-types.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { openClient } from './crd-client.ts';
import { Fleet, specOf } from './featureserver/support/fleet.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

describeControlPlane('plateau explain', (cluster) => {
  let client: KubeClient;
  let fleet: Fleet;
  const wanted = (kubeconfig: string, name = 'ranking') => ({ name, namespace: fleet.namespace, kubeconfig, context: undefined, json: false });

  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
    fleet = new Fleet(client, await cluster().createNamespace());
    await fleet.apply(specOf());
  }, 120_000);
  afterAll(() => client.close());

  it('explains an object from its status, as the API server stores it', async () => {
    await fleet.edit(resourceTypes.featureServer, (object) => {
      object['status'] = {
        observedGeneration: 1, mode: 'Auto', desiredReplicas: 10, readyReplicas: 10, observed: { p95: '80ms', coverage: 1, at: '2026-03-01T12:00:00Z' },
        bottleneck: { class: 'CPU', since: '2026-03-01T12:00:00Z', evidence: 'CPU at 97 %', advice: '' },
        conditions: [{ type: 'ScalingLimited', status: 'True', reason: 'AtMaximum', message: 'wanted 12 pods', lastTransitionTime: '2026-03-01T12:00:00Z' }],
      };
    }, { subresource: 'status' });
    const text = await explained(wanted(cluster().kubeconfigPath));
    for (const part of [`${fleet.namespace}/ranking  mode Auto`, 'p95 is 80ms', 'CPU: the pods use the CPU that they have', 'CPU at 97 %', 'AtMaximum: wanted 12 pods']) expect(text).toContain(part);
  });

  it('says which permission is missing', async () => {
    const nobody = await cluster().limitedUser([], fleet.namespace);
    await expect(explained(wanted(nobody))).rejects.toThrow(`you may not read FeatureServer ${fleet.namespace}/ranking: ask for "get" on featureservers.plateau.dev in ${fleet.namespace}`);
  });

  it('names what is there instead, as far as the user may see it', async () => {
    await expect(explained(wanted(cluster().kubeconfigPath, 'rankin'))).rejects.toThrow('did you mean ranking?');
    const reader = await cluster().limitedUser([{ apiGroups: ['plateau.dev'], resources: ['featureservers'], verbs: ['get'] }], fleet.namespace);
    await expect(explained(wanted(reader, 'x'))).rejects.toThrow('kubectl get fsrv -A lists those there are');
  });
});
