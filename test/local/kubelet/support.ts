/** A pod and its first container from a partial spec. @module */
import { podSchema } from '../../../src/local/kubelet/pod-schema.ts';
import type { Container, Pod } from '../../../src/local/kubelet/pod-schema.ts';

export const podWith = (container: Record<string, unknown>, spec: Record<string, unknown> = {}): { pod: Pod; container: Container } => {
  const pod = podSchema.parse({
    metadata: { name: 'web-1', namespace: 'shop', uid: 'u-1', labels: { app: 'web' }, annotations: { note: 'a "b"' } },
    spec: { containers: [{ name: 'server', ...container }], nodeName: 'local', ...spec },
  });
  const [first] = pod.spec.containers;
  if (first === undefined) throw new Error('no container');
  return { pod, container: first };
};
