/**
 * What a reconcile reads from a Pod: whether it serves, and if not, what stands in the way.
 *
 * @module
 */
import { containerName } from '../../api/names.ts';
import { at, recordsAt, textAt } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** Why a pod does not serve, in the words of the kubelet or the scheduler. */
export interface PodTrouble {
  kind: 'Image' | 'Configuration' | 'Crash' | 'Unschedulable';
  /** Reason as the kubelet or scheduler gives it: `ImagePullBackOff`, `CrashLoopBackOff`, … */
  reason: string;
  message: string;
}

export interface PodFacts {
  name: string;
  ready: boolean;
  running: boolean;
  terminating: boolean;
  createdAt: number;
  trouble: PodTrouble | null;
}

const troubleByReason: Record<string, PodTrouble['kind']> = {
  ErrImagePull: 'Image',
  ImagePullBackOff: 'Image',
  InvalidImageName: 'Image',
  ErrImageNeverPull: 'Image',
  ImageInspectError: 'Image',
  CreateContainerConfigError: 'Configuration',
  CreateContainerError: 'Configuration',
  RunContainerError: 'Configuration',
  CrashLoopBackOff: 'Crash',
};

/** Reads a Pod. `createdAt` is milliseconds since the epoch, 0 when unreadable. */
export const podFacts = (pod: Manifest): PodFacts => ({
  name: pod.metadata.name ?? '',
  ready: conditionStatus(pod, 'Ready') === 'True',
  running: textAt(pod, 'status', 'phase') === 'Running',
  terminating: pod.metadata.deletionTimestamp !== undefined,
  createdAt: Date.parse(pod.metadata.creationTimestamp ?? '') || 0,
  trouble: containerTrouble(pod) ?? schedulingTrouble(pod),
});

const conditionStatus = (pod: Manifest, type: string): string | undefined =>
  textAt(recordsAt(pod, 'status', 'conditions').find((condition) => condition['type'] === type), 'status');

const containerTrouble = (pod: Manifest): PodTrouble | null => {
  const statuses = [...recordsAt(pod, 'status', 'initContainerStatuses'), ...recordsAt(pod, 'status', 'containerStatuses')];
  for (const status of statuses) {
    const waiting = at(status, 'state', 'waiting');
    const reason = textAt(waiting, 'reason') ?? '';
    const kind = troubleByReason[reason];
    if (kind === undefined) continue;
    const container = textAt(status, 'name') ?? containerName;
    return { kind, reason, message: `container ${container}: ${textAt(waiting, 'message') ?? reason}` };
  }
  return null;
};

const schedulingTrouble = (pod: Manifest): PodTrouble | null => {
  const condition = recordsAt(pod, 'status', 'conditions').find((entry) => entry['type'] === 'PodScheduled' && entry['status'] === 'False');
  if (condition?.['reason'] !== 'Unschedulable') return null;
  return { kind: 'Unschedulable', reason: 'Unschedulable', message: textAt(condition, 'message') ?? 'no node has room' };
};
