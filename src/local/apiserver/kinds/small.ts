/**
 * Kinds with little behaviour of their own.
 *
 * @module
 */
import { at, fieldsOf, isFields, jsonEqual, textOf, type Fields } from '../json.ts';
import { forbiddenValue, invalidValue, requiredValue } from '../schema/causes.ts';
import type { Cause } from '../status-error.ts';
import type { KindStrategy } from './definition.ts';
import { child, fill, objectsIn } from './pod-defaults.ts';

export const namespaceStrategy: KindStrategy = {
  countsGeneration: false,
  fillDefaults: (object) => {
    const labels = child(child(object, 'metadata'), 'labels');
    labels['kubernetes.io/metadata.name'] = at(object, 'metadata', 'name');
  },
  beforeCreate: (object) => {
    object['spec'] = { finalizers: ['kubernetes'] };
    object['status'] = { phase: 'Active' };
  },
};

export const plainStrategy: KindStrategy = { countsGeneration: false };

const configKey = /^[-._a-zA-Z0-9]{1,253}$/u;

const validateKeys = (object: Fields): readonly Cause[] =>
  [...Object.keys(fieldsOf(object['data'])), ...Object.keys(fieldsOf(object['binaryData']))]
    .filter((key) => !configKey.test(key))
    .map((key) =>
      invalidValue('data', key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"),
    );

const validateImmutable = (object: Fields, old?: Fields): readonly Cause[] => {
  if (old === undefined || old['immutable'] !== true) return [];
  return ['data', 'binaryData', 'immutable']
    .filter((name) => !jsonEqual(object[name], old[name]))
    .map((name) => forbiddenValue(name, 'field is immutable when `immutable` is set'));
};

export const configMapStrategy: KindStrategy = {
  countsGeneration: false,
  validate: (object, old) => [...validateKeys(object), ...validateImmutable(object, old)],
};

export const secretStrategy: KindStrategy = {
  countsGeneration: false,
  fillDefaults: (object) => {
    fill(object, { type: 'Opaque' });
    const plain = object['stringData'];
    if (!isFields(plain)) return;
    const data = child(object, 'data');
    for (const [key, value] of Object.entries(plain)) data[key] = Buffer.from(textOf(value)).toString('base64');
    delete object['stringData'];
  },
  validate: (object, old) => [
    ...validateKeys(object),
    ...validateImmutable(object, old),
    ...(old === undefined || old['type'] === object['type'] ? [] : [invalidValue('type', object['type'], 'field is immutable')]),
  ],
};

export const eventStrategy: KindStrategy = {
  countsGeneration: false,
  fillDefaults: (object) => fill(object, { source: {}, reportingComponent: '', reportingInstance: '' }),
  validate: (object) => {
    const namespace = textOf(at(object, 'involvedObject', 'namespace')) || 'default';
    return namespace === at(object, 'metadata', 'namespace')
      ? []
      : [invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace')];
  },
};

const requiredOfNewerEvents = ['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason'];
const maxNoteLength = 1024;

/** events.k8s.io/v1 asks for more than the core version does, when an event is created. */
export const newerEventStrategy: KindStrategy = {
  countsGeneration: false,
  validate: (object, old) => {
    if (old !== undefined) return [];
    const missing = requiredOfNewerEvents.filter((name) => textOf(object[name]) === '').map((name) => requiredValue(name));
    const note = textOf(object['note']);
    return [
      ...missing,
      ...(note.length > maxNoteLength ? [invalidValue('note', '', `can have at most ${maxNoteLength} characters`)] : []),
      ...(['Normal', 'Warning'].includes(textOf(object['type'])) ? [] : [invalidValue('type', object['type'] ?? '', 'has invalid value')]),
    ];
  },
};

export const disruptionBudgetStrategy: KindStrategy = {
  countsGeneration: true,
  beforeCreate: (object) => {
    object['status'] = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  },
  validate: (object) => {
    const spec = fieldsOf(object['spec']);
    return spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined
      ? [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
      : [];
  },
};

export const networkPolicyStrategy: KindStrategy = {
  countsGeneration: true,
  fillDefaults: (object) => {
    const spec = child(object, 'spec');
    fill(spec, { policyTypes: spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'] });
    for (const rule of [...objectsIn(spec['ingress']), ...objectsIn(spec['egress'])]) {
      for (const port of objectsIn(rule['ports'])) fill(port, { protocol: 'TCP' });
    }
  },
};

export const autoscalerStrategy: KindStrategy = {
  countsGeneration: false,
  fillDefaults: (object) => {
    const spec = child(object, 'spec');
    fill(spec, {
      minReplicas: 1,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
    });
  },
  beforeCreate: (object) => {
    object['status'] = { desiredReplicas: 0 };
  },
  validate: (object) => {
    const spec = fieldsOf(object['spec']);
    const { minReplicas, maxReplicas } = spec;
    if (typeof maxReplicas !== 'number' || maxReplicas < 1) return [invalidValue('spec.maxReplicas', maxReplicas ?? 0, 'must be greater than 0')];
    return typeof minReplicas === 'number' && minReplicas > maxReplicas
      ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : [];
  },
};

export const leaseStrategy: KindStrategy = {
  countsGeneration: false,
  validate: (object) => {
    const seconds = at(object, 'spec', 'leaseDurationSeconds');
    const transitions = at(object, 'spec', 'leaseTransitions');
    return [
      ...(typeof seconds === 'number' && seconds <= 0 ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
      ...(typeof transitions === 'number' && transitions < 0
        ? [invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
        : []),
    ];
  },
};
