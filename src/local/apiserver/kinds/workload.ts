/**
 * Deployments and ReplicaSets.
 *
 * @module
 */
import { at, fieldsOf, jsonEqual, type Fields } from '../json.ts';
import { invalidValue, requiredValue, unsupportedValue } from '../schema/causes.ts';
import type { Cause } from '../status-error.ts';
import type { KindStrategy } from './definition.ts';
import { child, fill, fillPodSpec } from './pod-defaults.ts';
import { validatePodSpec } from './pod.ts';

const fillTemplate = (spec: Fields): void => {
  const template = child(spec, 'template');
  child(template, 'metadata');
  fillPodSpec(child(template, 'spec'));
};

const matches = (selector: Fields, labels: Fields): boolean =>
  Object.entries(fieldsOf(selector['matchLabels'])).every(([key, value]) => labels[key] === value);

const validateSelector = (object: Fields, old: Fields | undefined): readonly Cause[] => {
  const selector = fieldsOf(at(object, 'spec', 'selector'));
  const labels = fieldsOf(at(object, 'spec', 'template', 'metadata', 'labels'));
  if (Object.keys(selector).length === 0) return [requiredValue('spec.selector')];
  return [
    ...(matches(selector, labels)
      ? []
      : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
    ...(old === undefined || jsonEqual(selector, at(old, 'spec', 'selector'))
      ? []
      : [invalidValue('spec.selector', selector, 'field is immutable')]),
  ];
};

const validateTemplate = (object: Fields): readonly Cause[] => {
  const spec = fieldsOf(at(object, 'spec', 'template', 'spec'));
  const restart = spec['restartPolicy'];
  return [
    ...validatePodSpec(spec, 'spec.template.spec'),
    ...(restart === undefined || restart === 'Always'
      ? []
      : [unsupportedValue('spec.template.spec.restartPolicy', restart, ['Always'])]),
  ];
};

const validateReplicas = (object: Fields): readonly Cause[] => {
  const replicas = at(object, 'spec', 'replicas');
  return typeof replicas === 'number' && replicas < 0
    ? [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')]
    : [];
};

const validate = (object: Fields, old?: Fields): readonly Cause[] => [
  ...validateReplicas(object),
  ...validateSelector(object, old),
  ...validateTemplate(object),
];

const isZero = (value: unknown): boolean => value === 0 || value === '0%' || value === '0';

const validateStrategy = (object: Fields): readonly Cause[] => {
  const update = fieldsOf(at(object, 'spec', 'strategy', 'rollingUpdate'));
  return isZero(update['maxSurge']) && isZero(update['maxUnavailable'])
    ? [invalidValue('spec.strategy.rollingUpdate.maxUnavailable', update['maxUnavailable'], 'may not be 0 when `maxSurge` is 0')]
    : [];
};

export const deploymentStrategy: KindStrategy = {
  countsGeneration: true,
  countsAnnotations: true,
  fillDefaults: (object) => {
    const spec = child(object, 'spec');
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const strategy = child(spec, 'strategy');
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy['type'] === 'RollingUpdate') fill(child(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' });
    fillTemplate(spec);
  },
  beforeCreate: (object) => {
    object['status'] = {};
  },
  validate: (object, old) => [...validate(object, old), ...validateStrategy(object)],
};

export const replicaSetStrategy: KindStrategy = {
  countsGeneration: true,
  fillDefaults: (object) => {
    const spec = child(object, 'spec');
    fill(spec, { replicas: 1 });
    fillTemplate(spec);
  },
  beforeCreate: (object) => {
    object['status'] = { replicas: 0 };
  },
  validate,
};
