/** Users with few rights. @module */
import { join } from 'node:path';
import type { Kubectl } from './kubectl.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { freshName } from './objects.ts';

/** One rule of a Role or ClusterRole. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

interface Cluster {
  kubectl: Kubectl;
  url: string;
  caCert: string;
  folder: string;
}

const rbac = 'rbac.authorization.k8s.io';

const objectsFor = (name: string, home: string, rules: readonly Rule[], everywhere: boolean): unknown[] => {
  const prefix = everywhere ? 'Cluster' : '';
  const metadata = everywhere ? { name } : { name, namespace: home };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: home } },
    { apiVersion: `${rbac}/v1`, kind: `${prefix}Role`, metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: `${prefix}RoleBinding`,
      metadata,
      roleRef: { apiGroup: rbac, kind: `${prefix}Role`, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: home }],
    },
  ];
};

/**
 * Makes a service account with just the given rights: in one namespace, or in the whole cluster when none is named.
 * @returns the path of a kubeconfig with a token that is valid for an hour.
 */
export const limitedUser = async (cluster: Cluster, rules: readonly Rule[], namespace?: string): Promise<string> => {
  const { kubectl, url, caCert, folder } = cluster;
  const name = freshName('user');
  const home = namespace ?? 'default';
  const list = { apiVersion: 'v1', kind: 'List', items: objectsFor(name, home, rules, namespace === undefined) };
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
  const token = (await kubectl(['create', 'token', name, '--namespace', home])).trim();
  return writeKubeconfig({ file: join(folder, `${name}.kubeconfig`), url, caCert, user: { token }, namespace: home });
};
