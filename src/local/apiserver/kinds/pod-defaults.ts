/**
 * Defaults of a pod spec, those that a real API server writes: two appliers of the same template must find nothing to change.
 *
 * @module
 */
import { fieldsOf, isFields, listOf, textOf, type Fields } from '../json.ts';

/** Sets fields that are absent. */
export const fill = (fields: Fields, defaults: Fields): void => {
  for (const [name, value] of Object.entries(defaults)) fields[name] ??= structuredClone(value);
};

/** The items of a list that are objects. */
export const objectsIn = (value: unknown): readonly Fields[] => listOf(value).filter(isFields);

/** The object in a field, put there when absent. */
export const child = (fields: Fields, name: string): Fields => {
  const present = fields[name];
  if (isFields(present)) return present;
  const fresh: Fields = {};
  fields[name] = fresh;
  return fresh;
};

/** An image without a tag, or with `latest`, is pulled at each start. */
const pullPolicy = (image: string): string => {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
};

const fillProbe = (probe: Fields): void => {
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (isFields(probe['httpGet'])) fill(probe['httpGet'], { path: '/', scheme: 'HTTP' });
  if (isFields(probe['grpc'])) fill(probe['grpc'], { service: '' });
};

const fillContainer = (container: Fields): void => {
  fill(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(textOf(container['image'])),
    resources: {},
  });
  for (const port of objectsIn(container['ports'])) fill(port, { protocol: 'TCP' });
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isFields(container[name])) fillProbe(container[name]);
  }
  for (const variable of objectsIn(container['env'])) {
    const reference = fieldsOf(fieldsOf(variable['valueFrom'])['fieldRef']);
    if (Object.keys(reference).length > 0) fill(reference, { apiVersion: 'v1' });
  }
  for (const handler of Object.values(fieldsOf(container['lifecycle']))) {
    const get = fieldsOf(handler)['httpGet'];
    if (isFields(get)) fill(get, { path: '/', scheme: 'HTTP' });
  }
};

const fileMode = 0o644;

const fillVolume = (volume: Fields): void => {
  if (Object.keys(volume).every((name) => name === 'name')) volume['emptyDir'] = {};
  for (const kind of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    if (isFields(volume[kind])) fill(volume[kind], { defaultMode: fileMode });
  }
  if (isFields(volume['hostPath'])) fill(volume['hostPath'], { type: '' });
  for (const source of objectsIn(fieldsOf(volume['projected'])['sources'])) {
    const token = source['serviceAccountToken'];
    if (isFields(token)) fill(token, { expirationSeconds: 3600 });
  }
};

/** Fills the defaults of a pod spec in place. */
export const fillPodSpec = (spec: Fields): void => {
  fill(spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
  });
  // Both names of the field exist in the API; readers use either.
  if (spec['serviceAccountName'] !== undefined) spec['serviceAccount'] = spec['serviceAccountName'];
  for (const container of [...objectsIn(spec['initContainers']), ...objectsIn(spec['containers'])]) fillContainer(container);
  for (const volume of objectsIn(spec['volumes'])) fillVolume(volume);
};

/** A limit is also the request, where a pod says nothing else. */
export const fillRequests = (spec: Fields): void => {
  for (const container of [...objectsIn(spec['initContainers']), ...objectsIn(spec['containers'])]) {
    const resources = child(container, 'resources');
    if (isFields(resources['limits'])) fill(child(resources, 'requests'), resources['limits']);
  }
};
