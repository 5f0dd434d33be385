/**
 * What `kubectl get` shows of the built-in kinds.
 *
 * @module
 */
import { at, fieldsOf, listOf, scalarText, textOf, type Fields } from '../json.ts';
import type { Column } from '../kinds/definition.ts';
import { objectsIn } from '../kinds/pod-defaults.ts';
import { ageOf } from './age.ts';
import { toCoreEvent } from '../storage/event-versions.ts';
import { eventColumns } from './event-columns.ts';
import { podColumns } from './pod-columns.ts';

type Read = (object: Fields, now: number) => unknown;

/** A text column. */
export const text = (name: string, value: Read): Column => ({ name, type: 'string', value });
const integer = (name: string, value: Read): Column => ({ name, type: 'integer', value });
const wide = (column: Column): Column => ({ ...column, priority: 1 });
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const orNone = (value: string): string => (value === '' ? '<none>' : value);

const name: Column = { name: 'Name', type: 'string', format: 'name', value: (object) => at(object, 'metadata', 'name') };
const age: Column = text('Age', (object, now) => ageOf(at(object, 'metadata', 'creationTimestamp'), now));

const pairs = (labels: unknown): string =>
  Object.entries(fieldsOf(labels))
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .toSorted()
    .join(',');

const ofContainers = (field: string) => (object: Fields) =>
  objectsIn(at(object, 'spec', 'template', 'spec', 'containers'))
    .map((container) => textOf(container[field]))
    .join(',');

const template: readonly Column[] = [
  wide(text('Containers', ofContainers('name'))),
  wide(text('Images', ofContainers('image'))),
  wide(text('Selector', (object) => orNone(pairs(at(object, 'spec', 'selector', 'matchLabels'))))),
];

const servicePorts = (object: Fields): string =>
  orNone(
    objectsIn(at(object, 'spec', 'ports'))
      .map(({ port, nodePort, protocol }) => `${scalarText(port)}${nodePort === undefined ? '' : `:${scalarText(nodePort)}`}/${textOf(protocol)}`)
      .join(','),
  );

const countOf = (...fields: readonly string[]) => (object: Fields) =>
  fields.reduce((sum, field) => sum + Object.keys(fieldsOf(object[field])).length, 0);

const shownOr = (fallback: string, ...path: readonly string[]) => (object: Fields) => {
  const value = at(object, ...path);
  return value === undefined ? fallback : scalarText(value);
};

const policyPods = (object: Fields): string => orNone(pairs(at(object, 'spec', 'podSelector', 'matchLabels')));

const target = (metric: Fields): string => {
  const spec = fieldsOf(fieldsOf(metric['resource'])['target']);
  const utilization = spec['averageUtilization'];
  return `${textOf(fieldsOf(metric['resource'])['name']) || textOf(metric['type'])}: <unknown>/${utilization === undefined ? '<auto>' : `${scalarText(utilization)}%`}`;
};

const reference = (object: Fields): string =>
  `${textOf(at(object, 'spec', 'scaleTargetRef', 'kind'))}/${textOf(at(object, 'spec', 'scaleTargetRef', 'name'))}`;

const columns: Readonly<Record<string, readonly Column[]>> = {
  Deployment: [
    name,
    text('Ready', (object) => `${number(at(object, 'status', 'readyReplicas'))}/${number(at(object, 'spec', 'replicas'))}`),
    integer('Up-to-date', (object) => number(at(object, 'status', 'updatedReplicas'))),
    integer('Available', (object) => number(at(object, 'status', 'availableReplicas'))),
    age,
    ...template,
  ],
  ReplicaSet: [
    name,
    integer('Desired', (object) => number(at(object, 'spec', 'replicas'))),
    integer('Current', (object) => number(at(object, 'status', 'replicas'))),
    integer('Ready', (object) => number(at(object, 'status', 'readyReplicas'))),
    age,
    ...template,
  ],
  Pod: [name, ...podColumns(age)],
  Service: [
    name,
    text('Type', (object) => at(object, 'spec', 'type')),
    text('Cluster-IP', shownOr('<none>', 'spec', 'clusterIP')),
    text('External-IP', () => '<none>'),
    text('Port(s)', servicePorts),
    age,
    wide(text('Selector', (object) => orNone(pairs(at(object, 'spec', 'selector'))))),
  ],
  ConfigMap: [name, { name: 'Data', type: 'string', value: countOf('data', 'binaryData') }, age],
  Secret: [name, text('Type', (object) => object['type']), { name: 'Data', type: 'string', value: countOf('data') }, age],
  Event: eventColumns,
  Namespace: [name, text('Status', (object) => at(object, 'status', 'phase')), age],
  ServiceAccount: [name, { name: 'Secrets', type: 'string', value: (object) => listOf(object['secrets']).length }, age],
  PodDisruptionBudget: [
    name,
    text('Min Available', shownOr('N/A', 'spec', 'minAvailable')),
    text('Max Unavailable', shownOr('N/A', 'spec', 'maxUnavailable')),
    integer('Allowed Disruptions', (object) => number(at(object, 'status', 'disruptionsAllowed'))),
    age,
  ],
  NetworkPolicy: [name, text('Pod-Selector', policyPods), age],
  HorizontalPodAutoscaler: [
    name,
    text('Reference', reference),
    text('Targets', (object) => objectsIn(at(object, 'spec', 'metrics')).map(target).join(', ')),
    text('MinPods', shownOr('<unset>', 'spec', 'minReplicas')),
    text('MaxPods', (object) => at(object, 'spec', 'maxReplicas')),
    text('Replicas', (object) => number(at(object, 'status', 'currentReplicas'))),
    age,
  ],
  Lease: [name, text('Holder', (object) => textOf(at(object, 'spec', 'holderIdentity'))), age],
  CustomResourceDefinition: [name, text('Created At', (object) => at(object, 'metadata', 'creationTimestamp'))],
};

/** Both versions of an event show the same. */
const newerEventColumns = (): readonly Column[] =>
  eventColumns.map((column) => ({ ...column, value: (event, now) => column.value(toCoreEvent(event), now) }));

/** The columns of a built-in kind. */
export const columnsOf = (apiVersion: string, kind: string): readonly Column[] =>
  apiVersion === 'events.k8s.io/v1' ? newerEventColumns() : (columns[kind] ?? [name, age]);
