/**
 * The environment of a container, and its command line.
 *
 * @module
 */
import { readConfiguration, readKey } from './configuration.ts';
import type { FindConfiguration } from './configuration.ts';
import { fieldValue, resourceValue } from './field-reference.ts';
import type { PodAddresses } from './field-reference.ts';
import type { Container, Pod } from './pod-schema.ts';

export interface EnvironmentContext {
  readonly pod: Pod;
  readonly container: Container;
  readonly addresses: PodAddresses;
  readonly find: FindConfiguration;
  /** Cores of the machine, which an absent CPU limit counts as. */
  readonly cores: number;
  readonly rewrite: (text: string) => string;
}

/**
 * The container's own variables, later ones winning, `$(NAME)` expanded, mounted paths rewritten.
 *
 * @throws MissingConfiguration when something it refers to is missing and not optional
 */
export const containerEnvironment = (context: EnvironmentContext): Record<string, string> => {
  const variables = fromSources(context);
  for (const entry of context.container.env) {
    const value = entry.valueFrom === undefined ? expand(entry.value ?? '', variables) : referenced(context, entry.valueFrom);
    if (value !== undefined) variables[entry.name] = value;
  }
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, context.rewrite(value)]));
};

/** Command and arguments with `$(NAME)` expanded and mounted paths rewritten. */
export const containerArguments = (words: readonly string[], variables: Record<string, string>, rewrite: (text: string) => string): string[] =>
  words.map((word) => rewrite(expand(word, variables)));

const fromSources = ({ container, pod, find }: EnvironmentContext): Record<string, string> => {
  const variables: Record<string, string> = {};
  const { namespace } = pod.metadata;
  for (const { prefix, configMapRef, secretRef } of container.envFrom) {
    const refs = [
      ...(configMapRef === undefined ? [] : [{ kind: 'configmap' as const, namespace, ...configMapRef }]),
      ...(secretRef === undefined ? [] : [{ kind: 'secret' as const, namespace, ...secretRef }]),
    ];
    for (const ref of refs) for (const [key, value] of readConfiguration(find, ref)) variables[prefix + key] = value.toString('utf8');
  }
  return variables;
};

type ValueSource = NonNullable<Container['env'][number]['valueFrom']>;

const referenced = ({ pod, container, addresses, find, cores }: EnvironmentContext, source: ValueSource): string | undefined => {
  const { namespace } = pod.metadata;
  if (source.fieldRef !== undefined) return fieldValue(pod, addresses, source.fieldRef.fieldPath);
  if (source.resourceFieldRef !== undefined) return resourceValue(container, source.resourceFieldRef.resource, cores);
  if (source.configMapKeyRef !== undefined) return readKey(find, { kind: 'configmap', namespace, ...source.configMapKeyRef }, source.configMapKeyRef.key);
  if (source.secretKeyRef !== undefined) return readKey(find, { kind: 'secret', namespace, ...source.secretKeyRef }, source.secretKeyRef.key);
  return '';
};

/** `$(NAME)` becomes the variable's value; an unknown name stays as it is, and `$$` stands for one `$`, as in Kubernetes. */
export const expand = (text: string, variables: Record<string, string>): string =>
  text.replaceAll(/\$\$|\$\(([^()]+)\)/gu, (found: string, name: string | undefined) => (name === undefined ? '$' : (variables[name] ?? found)));
