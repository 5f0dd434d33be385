/**
 * Pods: defaults, the few rules that matter without a scheduler, and what an update may change.
 *
 * @module
 */
import { clone, fieldsOf, jsonEqual, textOf, type Fields } from '../json.ts';
import { forbiddenValue, requiredValue } from '../schema/causes.ts';
import type { Cause } from '../status-error.ts';
import type { KindStrategy } from './definition.ts';
import { child, fill, fillPodSpec, fillRequests, objectsIn } from './pod-defaults.ts';

/** Causes in a pod spec, at `path`. */
export const validatePodSpec = (spec: Fields, path: string): readonly Cause[] => {
  const containers = objectsIn(spec['containers']);
  return [
    ...(containers.length === 0 ? [requiredValue(`${path}.containers`)] : []),
    ...containers.flatMap((container, index) =>
      ['name', 'image']
        .filter((name) => textOf(container[name]) === '')
        .map((name) => requiredValue(`${path}.containers[${index}].${name}`)),
    ),
  ];
};

const quality = (spec: Fields): string => {
  const containers = objectsIn(spec['containers']);
  const resources = containers.map((container) => fieldsOf(container['resources']));
  const has = (part: Fields, kind: string): boolean => Object.keys(fieldsOf(part[kind])).length > 0;
  if (!resources.some((part) => has(part, 'limits') || has(part, 'requests'))) return 'BestEffort';
  const guaranteed = resources.every((part) => {
    const limits = fieldsOf(part['limits']);
    return ['cpu', 'memory'].every((name) => limits[name] !== undefined) && jsonEqual(limits, part['requests'] ?? limits);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
};

/** What may change in a running pod's spec, beside images. */
const mutable = ['activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations', 'schedulingGates'];

const frozenPart = (spec: Fields): Fields => {
  const copy = clone(spec);
  for (const name of mutable) delete copy[name];
  for (const container of [...objectsIn(copy['containers']), ...objectsIn(copy['initContainers'])]) delete container['image'];
  return copy;
};

const validateUpdate = (object: Fields, old: Fields): readonly Cause[] =>
  jsonEqual(frozenPart(fieldsOf(object['spec'])), frozenPart(fieldsOf(old['spec'])))
    ? []
    : [
        forbiddenValue(
          'spec',
          'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
            '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
            '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        ),
      ];

export const podStrategy: KindStrategy = {
  countsGeneration: true,
  fillDefaults: (object) => {
    const spec = child(object, 'spec');
    fillRequests(spec);
    fillPodSpec(spec);
    fill(spec, { enableServiceLinks: true });
  },
  beforeCreate: (object) => {
    const spec = child(object, 'spec');
    fill(spec, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    fillRequests(spec);
    object['status'] = { phase: 'Pending', qosClass: quality(spec) };
  },
  validate: (object, old) => [
    ...validatePodSpec(fieldsOf(object['spec']), 'spec'),
    ...(old === undefined ? [] : validateUpdate(object, old)),
  ],
};
