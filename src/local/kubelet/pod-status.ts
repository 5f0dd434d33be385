/**
 * Builds a Pod's status from what the kubelet knows.
 *
 * @module
 */
import { initialFacts } from './container-state.ts';
import type { ContainerFacts } from './container-state.ts';
import type { Container, Pod } from './pod-schema.ts';

export interface PodFacts {
  readonly ip: string | undefined;
  /** Of the init containers, in order. */
  readonly init: readonly ContainerFacts[];
  readonly container: ContainerFacts;
  /** When the kubelet saw the pod first, RFC 3339. */
  readonly startTime: string;
}

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime: string;
}

export interface PodStatus {
  readonly phase: 'Pending' | 'Running';
  readonly conditions: readonly PodCondition[];
  readonly [field: string]: unknown;
}

/** The node that all pods of a local fleet run on. */
export const localNode = { name: 'local', ip: '127.0.0.1' } as const;

/**
 * The status of a pod.
 *
 * @param before conditions of the last status: an unchanged one keeps its time
 * @param now RFC 3339
 */
export const podStatus = (pod: Pod, container: Container, facts: PodFacts, context: { before: readonly PodCondition[]; now: string }): PodStatus => ({
  phase: hasRun(facts.container) ? 'Running' : 'Pending',
  conditions: conditions(pod, container, facts, context),
  hostIP: localNode.ip,
  hostIPs: [{ ip: localNode.ip }],
  ...(facts.ip === undefined ? {} : { podIP: facts.ip, podIPs: [{ ip: facts.ip }] }),
  startTime: facts.startTime,
  qosClass: 'BestEffort',
  ...(facts.init.length === 0 ? {} : { initContainerStatuses: pod.spec.initContainers.map((init, index) => containerStatus(pod, init, facts.init[index] ?? initialFacts)) }),
  containerStatuses: [containerStatus(pod, container, facts.container)],
});

const hasRun = ({ state, lastTerminated }: ContainerFacts): boolean => !('waiting' in state) || lastTerminated !== undefined;

const conditions = (pod: Pod, container: Container, { container: facts, init }: PodFacts, { before, now }: { before: readonly PodCondition[]; now: string }): PodCondition[] => {
  const unready = facts.ready ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${container.name}]` };
  const always = ['PodScheduled', 'PodReadyToStartContainers'].map((type) => ({ type, status: 'True' as const }));
  const readiness = ['ContainersReady', 'Ready'].map((type) => ({ type, status: facts.ready ? ('True' as const) : ('False' as const), ...unready }));
  return [...always, initialized(pod, init), ...readiness].map((condition) => ({ ...condition, lastTransitionTime: transitionTime(condition, before, now) }));
};

const initialized = ({ spec }: Pod, init: readonly ContainerFacts[]): Omit<PodCondition, 'lastTransitionTime'> => {
  const waiting = spec.initContainers.filter((_, index) => init[index]?.ready !== true).map(({ name }) => name);
  if (waiting.length === 0) return { type: 'Initialized', status: 'True' };
  return { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${waiting.join(' ')}]` };
};

const transitionTime = (condition: { type: string; status: string }, before: readonly PodCondition[], now: string): string => {
  const last = before.find(({ type }) => type === condition.type);
  return last?.status === condition.status ? last.lastTransitionTime : now;
};

const containerStatus = (pod: Pod, { name, image }: Container, facts: ContainerFacts): Record<string, unknown> => ({
  name,
  image,
  imageID: '',
  containerID: `process://${pod.metadata.uid}/${facts.restartCount}`,
  state: facts.state,
  lastState: facts.lastTerminated === undefined ? {} : { terminated: facts.lastTerminated },
  ready: facts.ready,
  started: facts.started,
  restartCount: facts.restartCount,
});
