/**
 * What `kubectl get pods` shows.
 *
 * @module
 */
import { at, fieldsOf, isFields, textOf, type Fields } from '../json.ts';
import type { Column } from '../kinds/definition.ts';
import { objectsIn } from '../kinds/pod-defaults.ts';
import { ageOf } from './age.ts';

const statuses = (pod: Fields): readonly Fields[] => objectsIn(at(pod, 'status', 'containerStatuses'));

const initStatuses = (pod: Fields): readonly Fields[] => objectsIn(at(pod, 'status', 'initContainerStatuses'));

const ready = (pod: Fields): string => {
  const total = objectsIn(at(pod, 'spec', 'containers')).length;
  return `${statuses(pod).filter((status) => status['ready'] === true).length}/${total}`;
};

const endReason = (terminated: Fields): string => {
  const reason = textOf(terminated['reason']);
  if (reason !== '') return reason;
  const signal = terminated['signal'];
  return typeof signal === 'number' && signal !== 0 ? `Signal:${signal}` : `ExitCode:${String(terminated['exitCode'])}`;
};

/** Why a container does not run, or undefined when it does. */
const containerReason = (status: Fields): string | undefined => {
  const { waiting, terminated } = fieldsOf(status['state']);
  if (isFields(waiting) && textOf(waiting['reason']) !== '') return textOf(waiting['reason']);
  return isFields(terminated) ? endReason(terminated) : undefined;
};

const isOver = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed';

/** How far the init containers are: `Init:0/2`, `Init:Error`; undefined when all of them are done. */
const initStatus = (pod: Fields): string | undefined => {
  const all = initStatuses(pod);
  const index = all.findIndex((status) => at(status, 'state', 'terminated', 'exitCode') !== 0);
  const current = all[index];
  if (current === undefined) return undefined;
  const reason = containerReason(current);
  const words = reason === undefined || reason === 'PodInitializing' ? `${index}/${objectsIn(at(pod, 'spec', 'initContainers')).length}` : reason;
  return `Init:${words}`;
};

/** One word for the state of a pod: what its containers wait for says more than the phase. */
export const podStatus = (pod: Fields): string => {
  const phase = textOf(at(pod, 'status', 'phase'));
  if (at(pod, 'metadata', 'deletionTimestamp') !== undefined && !isOver(phase)) return 'Terminating';
  const initializing = initStatus(pod);
  if (initializing !== undefined) return initializing;
  const reasons = statuses(pod).map(containerReason).filter((reason) => reason !== undefined);
  return reasons[0] ?? (textOf(at(pod, 'status', 'reason')) || phase);
};

const restarts = (pod: Fields, now: number): string => {
  const all = initStatus(pod) === undefined ? statuses(pod) : initStatuses(pod);
  const count = all.reduce((sum, { restartCount }) => sum + (typeof restartCount === 'number' ? restartCount : 0), 0);
  const ends = all.map((status) => textOf(at(status, 'lastState', 'terminated', 'finishedAt'))).filter((end) => end !== '');
  const last = ends.toSorted().at(-1);
  return count === 0 || last === undefined ? String(count) : `${count} (${ageOf(last, now)} ago)`;
};

const wide = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'string',
  priority: 1,
  value: (pod) => textOf(at(pod, ...path)) || '<none>',
});

/** All but the name; the age column comes from the caller. */
export const podColumns = (age: Column): readonly Column[] => [
  { name: 'Ready', type: 'string', value: ready },
  { name: 'Status', type: 'string', value: podStatus },
  { name: 'Restarts', type: 'string', value: restarts },
  age,
  wide('IP', 'status', 'podIP'),
  wide('Node', 'spec', 'nodeName'),
  wide('Nominated Node', 'status', 'nominatedNodeName'),
  { name: 'Readiness Gates', type: 'string', priority: 1, value: () => '<none>' },
];
