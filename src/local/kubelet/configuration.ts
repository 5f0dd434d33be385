/**
 * ConfigMaps and Secrets as a pod's container sees them.
 *
 * @module
 */
import { keyedDataSchema } from './pod-schema.ts';

export type ConfigurationKind = 'configmap' | 'secret';

/** Something that a container needs is not there. The message is what the kubelet would say. */
export class MissingConfiguration extends Error {
  override readonly name = 'MissingConfiguration';
}

/** Looks an object up in a cache; undefined when there is none. */
export type FindConfiguration = (kind: ConfigurationKind, namespace: string, name: string) => Record<string, unknown> | undefined;

export interface ConfigurationRef {
  readonly kind: ConfigurationKind;
  readonly namespace: string;
  readonly name: string;
  readonly optional: boolean;
}

/**
 * All values of a ConfigMap or a Secret by key; empty when an optional one is absent.
 *
 * @throws MissingConfiguration when it is absent and not optional
 */
export const readConfiguration = (find: FindConfiguration, ref: ConfigurationRef): Map<string, Buffer> => {
  const object = find(ref.kind, ref.namespace, ref.name);
  if (object === undefined) {
    if (ref.optional) return new Map();
    throw new MissingConfiguration(`${ref.kind} "${ref.name}" not found`);
  }
  const { data, binaryData } = keyedDataSchema.parse(object);
  const encoding = ref.kind === 'secret' ? 'base64' : 'utf8';
  const values = new Map(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)]));
  for (const [key, value] of Object.entries(binaryData ?? {})) values.set(key, Buffer.from(value, 'base64'));
  return values;
};

/**
 * One value; undefined when an optional one is absent.
 *
 * @throws MissingConfiguration when it is absent and not optional
 */
export const readKey = (find: FindConfiguration, ref: ConfigurationRef, key: string): string | undefined => {
  const value = readConfiguration(find, ref).get(key);
  if (value !== undefined) return value.toString('utf8');
  if (ref.optional) return undefined;
  throw new MissingConfiguration(`couldn't find key ${key} in ${ref.kind} ${ref.namespace}/${ref.name}`);
};
