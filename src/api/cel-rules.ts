/**
 * What a schema cannot express, as CEL rules in the CRD: the API server refuses a wrong object with the sentence beside the rule.
 * A sentence says what is wrong and what to do; the API server puts the path of the field before it.
 *
 * Only functions that every CEL implementation has are used (`matches`, `size`, `duration`, `string`, `type`, macros), so that the
 * embedded API server of a local run judges the same way.
 *
 * @module
 */
import { annotations, labels, maxNameLength, reservedVolumePrefix } from './names.ts';
import { poolEnv } from './protocol.ts';
import { quantityPattern } from './quantity.ts';

/** One rule: `self` is the field that it stands at. */
export interface CelRule {
  readonly id: string;
  readonly rule: string;
  readonly message: string;
}

/** CEL string literal; raw, so that a regular expression keeps its backslashes. */
const text = (value: string): string => `r'${value}'`;
const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** Labels of the pods that belong to Plateau: two of them are the Deployment's selector, which is immutable. */
const reservedPodLabels: readonly string[] = Object.values(labels);
/** Annotations of the pods that belong to Plateau. */
const reservedPodAnnotations: readonly string[] = Object.values(annotations);
/** Environment variables that only the operator sets. The host to listen on may be set: an IPv6 cluster needs `::`. */
const reservedEnv: readonly string[] = Object.values(poolEnv).filter((name) => name !== poolEnv.host);

/** `module:attribute`, each of Python names with dots between them. */
const pythonAppPattern = '^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$';

export const celRules = {
  name: {
    id: 'name',
    rule: `self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= ${maxNameLength}`,
    message: `metadata.name becomes the name of a Service and of pods: use at most ${maxNameLength} of a-z, 0-9 and "-", starting with a letter and not ending with "-"`,
  },
  serverKind: {
    id: 'serverKind',
    rule: 'size([has(self.builtin), has(self.feast), has(self.python), has(self.custom)].filter(present, present)) == 1',
    message: 'spec.server needs exactly one of builtin, feast, python and custom: write one, remove the others',
  },
  featureStoreSource: {
    id: 'featureStoreSource',
    rule: 'has(self.secret) != has(self.configMap)',
    message: 'featureStore needs exactly one of secret and configMap: write one, remove the other',
  },
  objectName: {
    id: 'objectName',
    rule: "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
    message: 'name is no name of a Secret or ConfigMap: use a-z, 0-9, "-" and ".", starting and ending with a letter or digit',
  },
  dataKey: {
    id: 'dataKey',
    rule: "self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",
    message: 'key is no key of a Secret or ConfigMap: use letters, digits, "-", "_" and ".", not starting with ".."',
  },
  image: {
    id: 'image',
    rule: "self.matches('^[a-zA-Z0-9][^ \\t\\r\\n]*$')",
    message: 'image is no image reference: write it like registry.example.com/team/server:1.2, without spaces or a scheme before it',
  },
  imageScheme: {
    id: 'imageScheme',
    rule: "!self.contains('://')",
    message: 'image must not begin with a scheme: remove https:// or docker:// before the registry',
  },
  pythonApp: {
    id: 'pythonApp',
    rule: `self.matches(${text(pythonAppPattern)})`,
    message: 'app is no Python application: write module:attribute, such as main:app or shop.features:app',
  },
  oneProcess: {
    id: 'oneProcess',
    rule:
      "!has(self.server.python) || self.server.python.server != 'waitress' || " +
      '(self.pool.processes.min == 1 && (!has(self.pool.processes.max) || self.pool.processes.max == 1))',
    message: 'waitress serves in one process: remove pool.processes, or set server.python.server to gunicorn',
  },
  portsDiffer: {
    id: 'portsDiffer',
    rule: 'self.serving != self.admin',
    message: 'ports.serving and ports.admin must differ: give the admin port a number of its own',
  },
  envReserved: {
    id: 'envReserved',
    rule: `self.all(variable, !(variable.name in ${list(reservedEnv)}))`,
    message: `env must not set ${reservedEnv.join(', ')}: the operator sets them, remove them`,
  },
  envValue: {
    id: 'envValue',
    rule: '!(has(self.value) && has(self.valueFrom))',
    message: 'an env entry takes value or valueFrom, not both: remove one',
  },
  quantity: {
    id: 'quantity',
    rule: `string(self).matches(${text(quantityPattern)})`,
    message: 'not a quantity; write it like 500m, 2 or 1.5Gi',
  },
  threadsOrder: {
    id: 'threadsOrder',
    rule: 'self.min <= self.initial && self.initial <= self.max',
    message: 'pool.threads needs min <= initial <= max: change them so, and write initial too when min is over 8 or max under 8 (absent, it is 8)',
  },
  processesOrder: {
    id: 'processesOrder',
    rule: '!has(self.max) || self.min <= self.max',
    message: 'pool.processes needs min <= max: raise max or lower min',
  },
  replicasOrder: {
    id: 'replicasOrder',
    rule: 'self.min <= self.max',
    message: 'scaling.replicas needs min <= max: raise max or lower min (absent, min is 2 and max is 10)',
  },
  windowNotUnderPeriod: {
    id: 'windowNotUnderPeriod',
    rule: 'duration(self.window) >= duration(self.period)',
    message: 'scaling.evaluation needs window >= period: lengthen window or shorten period (absent, they are 15s and 5s)',
  },
  maxConcurrency: {
    id: 'maxConcurrency',
    rule:
      '!has(self.scaling.maxConcurrency) || ' +
      'self.scaling.maxConcurrency >= self.scaling.replicas.min * self.pool.threads.min * self.pool.processes.min',
    message:
      'scaling.maxConcurrency is under the smallest fleet, scaling.replicas.min x pool.threads.min x pool.processes.min: raise it or lower one of them',
  },
  intOrPercent: {
    id: 'intOrPercent',
    rule: "type(self) == string ? self.matches('^[0-9]{1,3}%$') : self >= 0",
    message: 'not a number of pods or a percentage; write it like 1 or "25%"',
  },
  percentAtMost100: {
    id: 'percentAtMost100',
    rule: "type(self) == string ? self.matches('^([0-9]{1,2}|100)%$') : self >= 0",
    message: 'not a number of pods or a percentage up to 100%; write it like 1 or "25%"',
  },
  rolloutMoves: {
    id: 'rolloutMoves',
    rule: "!(string(self.maxSurge).matches('^0+%?$') && string(self.maxUnavailable).matches('^0+%?$'))",
    message: 'rollout.maxSurge and rollout.maxUnavailable must not both be zero: no pod could ever be replaced; raise one of them',
  },
  podLabels: {
    id: 'podLabels',
    rule: `self.all(key, !(key in ${list(reservedPodLabels)}))`,
    message: `podTemplate.metadata.labels must not set ${reservedPodLabels.join(', ')}: the Deployment selects its pods by them, remove them`,
  },
  podAnnotations: {
    id: 'podAnnotations',
    rule: `self.all(key, !(key in ${list(reservedPodAnnotations)}))`,
    message: `podTemplate.metadata.annotations must not set ${reservedPodAnnotations.join(', ')}: Plateau sets or reads them, remove them`,
  },
  volumeName: {
    id: 'volumeName',
    rule: `!self.name.startsWith(${text(reservedVolumePrefix)})`,
    message: `podTemplate.spec.volumes: names that start with ${reservedVolumePrefix} are the operator's, choose another name`,
  },
  hostPath: {
    id: 'hostPath',
    rule: '!has(self.hostPath)',
    message: 'podTemplate.spec.volumes: hostPath is refused, the pods are held to the restricted Pod Security level; use another kind of volume',
  },
  hostNamespaces: {
    id: 'hostNamespaces',
    rule: '![has(self.hostNetwork) && self.hostNetwork, has(self.hostPID) && self.hostPID, has(self.hostIPC) && self.hostIPC].exists(used, used)',
    message: 'podTemplate.spec must not use hostNetwork, hostPID or hostIPC: the pods are held to the restricted Pod Security level; remove them',
  },
  restartPolicy: {
    id: 'restartPolicy',
    rule: "self == 'Always'",
    message: 'podTemplate.spec.restartPolicy must be Always in a Deployment: remove it',
  },
  networkPolicyPeers: {
    id: 'networkPolicyPeers',
    rule: 'self.enabled || !(has(self.from) || has(self.metricsFrom))',
    message: 'networkPolicy.from and networkPolicy.metricsFrom protect nothing until networkPolicy.enabled is true: set it, or remove them',
  },
} as const satisfies Record<string, CelRule>;

/** Rule of a duration with bounds; the format comes first, since duration() of anything else is an error without a remedy. */
export const durationRule = (pattern: string, min: string, max: string): CelRule => ({
  id: 'duration',
  rule: `self.matches(${text(pattern)}) && duration(self) >= duration('${min}') && duration(self) <= duration('${max}')`,
  message: `not a duration from ${min} to ${max}; write it like 30ms, 1.5s or 5m`,
});

/** Schema metadata that carries rules into the CRD. */
export const checkedBy = (...rules: readonly CelRule[]) => ({ 'x-kubernetes-validations': rules });
