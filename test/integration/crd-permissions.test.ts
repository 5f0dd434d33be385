/** What the operator does, tried with no more rights than its roles give. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { featureServerSchema } from '../../src/api/featureserver.ts';
import { clusterPermissions, ownPermissions, policyRules } from '../../src/api/operator-permissions.ts';
import { resourceTypes } from '../../src/api/resource-types.ts';
import { desiredChildren } from '../../src/core/specs/index.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { minimal } from '../api/support/rule-cases.ts';
import { context } from '../core/specs/support/feature-servers.ts';
import { openClient } from './crd-client.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

const watched = ['featureServer', 'deployment', 'pod', 'service', 'serviceAccount', 'configMap', 'disruptionBudget', 'networkPolicy', 'autoscaler'] as const;

describe('the permissions', () => {
  it('never list, watch or delete Secrets, and never use a wildcard', () => {
    const all = [...clusterPermissions, ...ownPermissions];
    const secrets = all.filter(({ resource }) => resource === 'secrets').flatMap(({ verbs }) => verbs);
    expect(secrets.filter((verb) => !['get', 'create', 'patch'].includes(verb))).toEqual([]);
    expect(all.filter(({ group, resource, verbs }) => [group, resource, ...verbs].includes('*'))).toEqual([]);
  });

  it('write nothing of a FeatureServer but its status', () => {
    const verbs = clusterPermissions.filter(({ resource }) => resource === 'featureservers').flatMap((permission) => permission.verbs);
    expect(verbs).toEqual(['get', 'list', 'watch']);
  });
});

describeControlPlane('with the rights of its cluster role', (cluster) => {
  let client: KubeClient;
  let namespace = '';
  beforeAll(async () => {
    await cluster().installCrds();
    namespace = await cluster().createNamespace();
    await cluster().applyYaml(stringify(minimal({ networkPolicy: { enabled: true } })), namespace);
    client = openClient(await cluster().limitedUser(policyRules(clusterPermissions)));
  });
  afterAll(() => client.close());

  it('the operator reads the object, applies every child and writes the status', async () => {
    const object = featureServerSchema.parse(await client.get(resourceTypes.featureServer, { name: 'ranking', namespace }));
    for (const { type, object: child, fieldManager } of desiredChildren(object, context())) {
      const applied = await client.apply(type, child, { fieldManager, force: true });
      expect(applied.metadata.name).toBe(child.metadata.name);
    }
    const status = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: 'ranking', namespace }, status: { mode: 'Auto' } };
    expect((await client.apply(resourceTypes.featureServer, status, { fieldManager: 'plateau-status', subresource: 'status' }))['status']).toEqual({ mode: 'Auto' });
    await client.delete(resourceTypes.networkPolicy, { name: 'ranking', namespace });
  });

  it.each(watched)('the operator lists every %s', async (name) => {
    expect((await client.list(resourceTypes[name])).items).toEqual(expect.any(Array));
  });

  it('the operator may not list Secrets, change a FeatureServer or delete a Deployment', async () => {
    await expect(client.list(resourceTypes.secret)).rejects.toMatchObject({ kind: 'Forbidden' });
    await expect(client.delete(resourceTypes.deployment, { name: 'ranking', namespace })).rejects.toMatchObject({ kind: 'Forbidden' });
    const { apiVersion, kind } = minimal();
    const object = { apiVersion: String(apiVersion), kind: String(kind), metadata: { name: 'ranking', namespace }, spec: { replicas: 1 } };
    await expect(client.apply(resourceTypes.featureServer, object, { fieldManager: 'test' })).rejects.toMatchObject({ kind: 'Forbidden' });
  });
}, { apiServerFlags: ['--enable-admission-plugins=OwnerReferencesPermissionEnforcement'] });
