/** Small things that most tests do with kubectl. @module */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Kubectl, KubectlError } from './kubectl.ts';

const patienceMs = 60_000;
const crds = fileURLToPath(new URL('../../../crds', import.meta.url));

/** A name nobody has used, as in `test-9f86d081`. */
export const freshName = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

/** Makes a namespace of a new name and returns the name. */
export const createNamespace = async (kubectl: Kubectl, prefix = 'test'): Promise<string> => {
  const name = freshName(prefix);
  await kubectl(['create', 'namespace', name]);
  return name;
};

/** Server-side apply of YAML documents, as kubectl's own field manager. @throws KubectlError, also on conflicts. */
export const applyYaml = (kubectl: Kubectl, yaml: string, namespace = 'default'): Promise<string> =>
  kubectl(['apply', '--server-side', '--namespace', namespace, '-f', '-'], yaml);

/** Applies the CustomResourceDefinitions and waits until the API server serves them. */
export const installCrds = async (kubectl: Kubectl, path = crds): Promise<void> => {
  await kubectl(['apply', '--server-side', '-f', path]);
  await untilEstablished(kubectl, path, performance.now() + patienceMs);
};

/** A definition that the server has only just taken in has no list of conditions: kubectl then fails instead of waiting for one. */
const untilEstablished = async (kubectl: Kubectl, path: string, end: number): Promise<void> => {
  try {
    await kubectl(['wait', '--for=condition=Established', `--timeout=${patienceMs / 1000}s`, '-f', path]);
  } catch (error) {
    const tooEarly = error instanceof KubectlError && error.stderr.includes('accessor error');
    if (!tooEarly || performance.now() > end) throw error;
    await sleep(100);
    await untilEstablished(kubectl, path, end);
  }
};
