/** The three programs that make a control plane, and whether a folder holds them. @module */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Program name to Go package; small ones first, so that a broken set-up shows after seconds and not after minutes. */
export const packages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
} as const;

export type Binary = keyof typeof packages;

export const binaries: readonly Binary[] = ['etcd', 'kubectl', 'kube-apiserver'];

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** The programs that the folder lacks (all of them when there is no such folder). */
export const lackingIn = async (folder: string): Promise<Binary[]> => {
  const present = await Promise.all(binaries.map((name) => isExecutable(join(folder, name))));
  return binaries.filter((_, index) => present[index] !== true);
};
