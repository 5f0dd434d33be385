/**
 * Where the admin port of a pod answers.
 *
 * @module
 */
import { containerName } from '../../api/names.ts';
import { at, recordsAt, textAt } from '../../core/featureserver/manifest.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import type { PodTarget } from '../scrape/ports.ts';

/** Set by a kubelet whose pods share one address: JSON, declared port → real port. */
const localPorts = 'plateau.dev/local-ports';

/** Start of the serving container, milliseconds since the epoch; null while it does not run. */
export const startedAt = (pod: KubeObject): number | null => {
  const started = Date.parse(textAt(servingStatus(pod), 'state', 'running', 'startedAt') ?? '');
  return Number.isNaN(started) ? null : started;
};

const servingStatus = (pod: KubeObject): Record<string, unknown> | undefined =>
  recordsAt(pod, 'status', 'containerStatuses').find((candidate) => candidate['name'] === containerName);

/** False until the start-up probe has succeeded; a kubelet that says nothing of it has none to wait for. */
const isUp = (pod: KubeObject): boolean => at(servingStatus(pod), 'started') !== false;

/** The target, or null while the pod has no address, its serving container does not run or is still starting up. */
export const podTarget = (pod: KubeObject, adminPort: number): PodTarget | null => {
  const host = textAt(pod, 'status', 'podIP');
  const started = startedAt(pod);
  if (host === undefined || started === null || !isUp(pod) || pod.metadata.deletionTimestamp !== undefined) return null;
  const { uid = '', namespace = '', name = '' } = pod.metadata;
  return { key: uid, name: `${namespace}/${name}`, host, port: realPort(pod, adminPort), incarnation: String(started) };
};

const realPort = (pod: KubeObject, declared: number): number => {
  const text = pod.metadata.annotations?.[localPorts];
  if (text === undefined) return declared;
  try {
    const mapped = at(JSON.parse(text), String(declared));
    return typeof mapped === 'number' && Number.isInteger(mapped) && mapped > 0 && mapped < 65_536 ? mapped : declared;
  } catch {
    return declared;
  }
};
