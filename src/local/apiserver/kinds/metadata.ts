/**
 * Metadata rules that hold for every kind.
 *
 * @module
 */
import { at, fieldsOf, listOf, textOf, type Fields } from '../json.ts';
import { forbiddenValue, invalidValue, requiredValue } from '../schema/causes.ts';
import type { Cause } from '../status-error.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/u;
const qualifiedPart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/u;

/** Why a name is no RFC 1123 subdomain, or undefined when it is one. */
const subdomainProblem = (name: string): string | undefined =>
  name.length <= 253 && subdomain.test(name)
    ? undefined
    : 'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \'-\' or \'.\', and must start and end with ' +
      "an alphanumeric character (e.g. 'example.com', regex used for validation is " +
      "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** True for an RFC 1123 label: lower-case letters, digits and dashes, at most 63. */
export const isDnsLabel = (name: string): boolean => name.length <= 63 && label.test(name);

const isQualified = (key: string): boolean => {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const prefix = slash < 0 ? 'a' : key.slice(0, slash);
  return name.length <= 63 && qualifiedPart.test(name) && subdomainProblem(prefix) === undefined;
};

const checkLabels = (labels: Fields, field: string): readonly Cause[] =>
  Object.entries(labels).flatMap(([key, value]) => {
    const text = textOf(value);
    return [
      ...(isQualified(key) ? [] : [invalidValue(field, key, 'name part must consist of alphanumeric characters, \'-\', \'_\' or \'.\'')]),
      ...(text === '' || (text.length <= 63 && qualifiedPart.test(text))
        ? []
        : [invalidValue(field, text, 'a valid label must be an empty string or consist of alphanumeric characters, \'-\', \'_\' or \'.\'')]),
    ];
  });

const checkOwners = (metadata: Fields): readonly Cause[] =>
  listOf(metadata['ownerReferences']).flatMap((reference, index) => {
    const field = `metadata.ownerReferences[${index}]`;
    const missing = ['apiVersion', 'kind', 'name', 'uid'].filter((name) => textOf(fieldsOf(reference)[name]) === '');
    return missing.map((name) => requiredValue(`${field}.${name}`));
  });

const checkFinalizers = (metadata: Fields, old: Fields | undefined): readonly Cause[] => {
  if (old === undefined || at(old, 'metadata', 'deletionTimestamp') === undefined) return [];
  const before = listOf(at(old, 'metadata', 'finalizers'));
  const added = listOf(metadata['finalizers']).filter((finalizer) => !before.includes(finalizer));
  return added.length === 0
    ? []
    : [forbiddenValue('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`)];
};

/** Causes in the metadata of an object that is about to be stored. */
export const validateMetadata = (object: Fields, old?: Fields): readonly Cause[] => {
  const metadata = fieldsOf(object['metadata']);
  const name = textOf(metadata['name']);
  const problem = name === '' ? undefined : subdomainProblem(name);
  return [
    ...(name === '' ? [requiredValue('metadata.name', 'name or generateName is required')] : []),
    ...(problem === undefined ? [] : [invalidValue('metadata.name', name, problem)]),
    ...checkLabels(fieldsOf(metadata['labels']), 'metadata.labels'),
    ...checkOwners(metadata),
    ...checkFinalizers(metadata, old),
  ];
};
