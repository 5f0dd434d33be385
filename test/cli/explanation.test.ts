import { describe, expect, it } from '@jest/globals';
import { explain } from '../../src/cli/explanation.ts';
import { explanationLines } from '../../src/cli/explain-text.ts';
import type { Condition, FeatureServerStatus } from '../../src/api/featureserver-status.ts';
import { apiVersion, featureServerSchema } from '../../src/api/featureserver.ts';
import type { FeatureServer } from '../../src/api/featureserver.ts';

const now = Date.parse('2026-03-01T12:10:00Z');
const condition = (type: string, status: Condition['status'], reason: string, message: string): Condition => ({ type, status, reason, message, lastTransitionTime: '2026-03-01T12:00:00Z' });

const calm: FeatureServerStatus = {
  observedGeneration: 2, mode: 'Auto', replicas: 3, readyReplicas: 3, desiredReplicas: 3, threads: { desired: 8, acknowledgedPods: 3 },
  observed: { p95: '21ms', requestsPerSecond: 412, cpuSecondsPerRequest: 0.0021, podCapacity: 398, coverage: 1, at: '2026-03-01T12:09:30Z' },
  bottleneck: { class: 'OK', since: '2026-03-01T12:05:00Z', evidence: 'CPU at 34 %, 3.1 of 8 slots busy', advice: '' },
  recommendation: { replicas: 3, threads: 8, processes: 1 },
  decisions: [{
    at: '2026-03-01T12:03:00Z', from: { replicas: 1, threads: 8, processes: 1 }, to: { replicas: 3, threads: 8, processes: 1 }, reason: 'CapacityShort',
    message: '900 requests/s are expected and one pod takes 398: replicas 1 → 3', guard: 'ScaleUpRate', boundBy: 'rate', cpuAutoscalerWouldSay: 1,
  }],
  conditions: [
    condition('Ready', 'True', 'Available', '3 of 3 pods are ready'), condition('ScalingActive', 'True', 'Active', 'Plateau turns replicas and threads'),
    condition('ScalingLimited', 'False', 'WithinLimits', 'no limit'), condition('ObjectiveMet', 'True', 'ObjectiveMet', 'the p95 keeps the objective of 30ms'),
    condition('MetricsHealthy', 'True', 'Reporting', 'the pods report'),
  ],
};

interface Case {
  status?: FeatureServerStatus | null;
  mode?: string;
  annotations?: Record<string, string>;
  deletionTimestamp?: string;
}

const object = ({ status = calm, mode = 'Auto', annotations = {}, deletionTimestamp }: Case = {}): FeatureServer =>
  featureServerSchema.parse({
    apiVersion, kind: 'FeatureServer',
    metadata: { name: 'ranking', namespace: 'shop', uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: '2026-03-01T11:00:00Z', annotations, ...(deletionTimestamp && { deletionTimestamp }) },
    spec: { objective: { p95: '30ms' }, server: { custom: { image: 'x:1' } }, scaling: { mode } },
    ...(status === null ? {} : { status }),
  });
const textOf = (given: Case = {}): string => explanationLines(explain(object(given), now), now).join('\n');
const withConditions = (...changed: Condition[]): FeatureServerStatus => ({ ...calm, conditions: [...(calm.conditions ?? []).filter(({ type }) => !changed.some((one) => one.type === type)), ...changed] });

describe('plateau explain', () => {
  it('says all of a calm fleet, the answer first', () => {
    expect(textOf().split('\n')).toEqual([
      'shop/ranking  mode Auto',
      'p95 is 21ms; the objective of 30ms is met',
      'OK: nothing limits the fleet, for 5m (since 2026-03-01T12:05:00Z)',
      '',
      'Evidence',
      '  CPU at 34 %, 3.1 of 8 slots busy',
      '  412 requests/s, 2.1 ms of CPU each, a pod can take 398/s, 100 % of the pods reported; measured 30s ago',
      '',
      'Size',
      '  3 pods asked for, 3 ready, 8 threads in each process',
      '  Auto would have 3 pods × 1 process × 8 threads, which is the same',
      '  an autoscaler on CPU at 70 % would have asked for 1 pod at the last move, 7m ago (2026-03-01T12:03:00Z)',
      '',
      'Done',
      '  2026-03-01T12:03:00Z (7m ago)  CapacityShort: 1 pod × 1 process × 8 threads → 3 pods × 1 process × 8 threads',
      '    900 requests/s are expected and one pod takes 398: replicas 1 → 3',
      '',
      'Refused',
      '  the move of 2026-03-01T12:03:00Z was cut by the guard ScaleUpRate, at the limit rate',
      '',
      'What to do',
      '  nothing',
    ]);
  });

  it.each<[string, Case, RegExp[]]>([
    ['an object that nobody has looked at', { status: null }, [/nothing was measured yet, so nothing is known of what limits it/, /the operator has not written a status yet: is it running/, /nothing was moved yet/]],
    ['an object that was not measured yet', { status: { observedGeneration: 2, desiredReplicas: 2, readyReplicas: 0, conditions: [condition('ScalingActive', 'Unknown', 'AwaitingMetrics', 'nothing was measured yet; the fleet stays as it is')] } }, [/p95 is not known; whether the objective of 30ms is met cannot be told/, /figures come with the first running pod/, /ScalingActive=Unknown AwaitingMetrics/, /2 pods asked for, 0 ready/]],
    ['a spec that the operator has not caught up with', { status: { ...calm, observedGeneration: 1 } }, [/speaks of generation 1 of the spec and not yet of 2/]],
    ['a deletion', { deletionTimestamp: '2026-03-01T12:09:00Z' }, [/being deleted/]],
    ['mode Recommend', { mode: 'Recommend', status: { ...calm, recommendation: { replicas: 5, threads: 16, processes: 1 } } }, [/mode Recommend: the size below is only said/, /Auto would have 5 pods × 1 process × 16 threads, and nobody carries that out/]],
    ['mode Off', { mode: 'Off' }, [/mode Off: the fleet is measured, and nothing is moved/]],
    ['a pause', { annotations: { 'plateau.dev/paused': 'true' } }, [/shop\/ranking {2}mode Auto, paused/, /neither pods nor threads are moved/]],
    ['another autoscaler', { status: withConditions(condition('ScalingActive', 'False', 'AnotherAutoscaler', 'because of HorizontalPodAutoscaler ranking: delete it')) }, [/ScalingActive=False AnotherAutoscaler: because of HorizontalPodAutoscaler ranking: delete it/]],
    ['a limit that binds', { status: withConditions(condition('ScalingLimited', 'True', 'AtMaximum', 'wanted 12 pods; the maximum is 10')) }, [/Refused\n {2}AtMaximum: wanted 12 pods; the maximum is 10/, /What to do\n {2}move the limit that was hit/]],
    ['an objective that is missed', { status: withConditions(condition('ObjectiveMet', 'False', 'ObjectiveMissed', 'over')) }, [/the objective of 30ms is missed$/m, /wait for what was done last to take effect/]],
    ['who has to act where nobody else does', { mode: 'Recommend', status: withConditions(condition('ObjectiveMet', 'False', 'ObjectiveMissed', 'over')) }, [/What to do\n {2}nothing is moved in mode Recommend: set scaling\.mode to Auto/]],
    ['that a pause has to end first', { annotations: { 'plateau.dev/paused': 'true' }, status: withConditions(condition('ObjectiveMet', 'False', 'ObjectiveMissed', 'over')) }, [/What to do\n {2}nothing is moved while the fleet is paused/]],
    ['mode ReplicasOnly', { mode: 'ReplicasOnly' }, [/mode ReplicasOnly: pods are moved, threads and processes stay/, /mode ReplicasOnly would have 3 pods/]],
    ['pods that do not come as no limit of the user', { status: withConditions(condition('ScalingLimited', 'True', 'PodsNotReady', '3 of 6 pods have not become ready after 80 s')) }, [/What to do\n {2}see why pods do not come: 3 of 6 pods/]],
    ['no move of a guard as one that it cut', { status: { ...calm, decisions: (calm.decisions ?? []).map((one) => ({ ...one, reason: 'MoveUndone', guard: 'MoveUndone' })) } }, [/Done\n[^]*MoveUndone[^]*What to do/]],
    ['an objective that cannot be reached', { status: withConditions(condition('ObjectiveMet', 'False', 'ObjectiveUnreachable', 'the store alone takes 40 ms')) }, [/is missed and cannot be reached: the store alone takes 40 ms/]],
    ['a lower bound', { status: { ...withConditions(condition('ObjectiveMet', 'Unknown', 'LowerBoundOnly', 'its p95 is a lower bound')), observed: { ...calm.observed, p95: '21ms', p95IsLowerBound: true, at: '2026-03-01T12:09:30Z' } } }, [/p95 is at least 21ms; .*cannot be told \(its p95 is a lower bound\)/]],
    ['missing pods', { status: { ...withConditions(condition('MetricsHealthy', 'False', 'LowCoverage', 'fewer than 60 % of the pods report')), observed: { ...calm.observed, coverage: 0.33, at: '2026-03-01T12:09:30Z' } } }, [/MetricsHealthy=False LowCoverage: fewer than 60 %/, /only 33 % of the pods reported/]],
    ['old figures', { status: { ...calm, observed: { ...calm.observed, at: '2026-03-01T11:40:00Z' } } }, [/the figures are 30m old and are usually renewed each minute: does the operator run/]],
    ['a stall', { status: withConditions(condition('Stalled', 'True', 'ImagePull', 'image x:1 cannot be pulled: name another'), condition('Ready', 'False', 'ImagePull', 'no pod')) }, [/Stalled=True ImagePull: image x:1 cannot be pulled/]],
    ['what limited the fleet when it was moved', { status: { ...calm, decisions: (calm.decisions ?? []).map((one) => ({ ...one, class: 'GIL' })) } }, [/Done\n.*CapacityShort \(GIL\): 1 pod/]],
    ['what an autoscaler on CPU cannot say', { status: { ...calm, decisions: (calm.decisions ?? []).map(({ cpuAutoscalerWouldSay: _said, ...rest }) => rest) } }, [/what an autoscaler on CPU would have said at the last move, 7m ago \(.*\) is not known: it needs a CPU limit/]],
    ['an unknown cause', { status: { ...calm, bottleneck: { class: 'UNKNOWN', since: '2026-03-01T12:00:00Z', evidence: '12 requests in the window', advice: '' }, decisions: [] } }, [/UNKNOWN: what limits the fleet cannot be told, for 10m/, /12 requests in the window/]],
    ['that pods were refused because they cannot help', { status: { ...calm, recommendation: { replicas: 3, threads: 8, processes: 1, reason: 'PodsCannotHelp', message: '64 slots get 190/s from the store: more pods would only wait for it too: nothing moves' } } }, [/Refused\n {2}PodsCannotHelp: 64 slots get 190\/s from the store/]],
    ['what a guard holds', { status: { ...calm, recommendation: { replicas: 3, threads: 8, processes: 1, reason: 'CapacitySpare', guard: 'Stabilization', message: 'p95 21 ms meets 30 ms; 400 requests/s are expected: nothing moves (wanted replicas 3 → 2; more was needed within the last 300 s)' } } }, [/Refused\n {2}Stabilization: p95 .*: nothing moves \(wanted replicas 3 → 2/]],
    ['no move that was made as one that was refused', { status: { ...calm, decisions: [], recommendation: { replicas: 3, threads: 8, processes: 1, reason: 'StoreFull', guard: 'ScaleUpRate', message: '32 slots get 190/s from the store: threads 16 → 8' } } }, [/Done\n {2}nothing was moved yet\n\nWhat to do/]],
    ['a size that differs by processes alone', { mode: 'Recommend', status: { ...calm, threads: { desired: 8, acknowledgedPods: 3, processes: 1 }, recommendation: { replicas: 3, threads: 8, processes: 2 } } }, [/3 ready, 1 process in each, 8 threads in each process/, /Auto would have 3 pods × 2 processes × 8 threads, and nobody/]],
    ['a missed objective that nothing explains', { status: withConditions(condition('ObjectiveMet', 'False', 'ObjectiveMissed', 'over')) }, [/OK: none of the known limits is seen, and yet the objective is missed/]],
    ['a shrink that is only slow', { status: withConditions(condition('ScalingLimited', 'True', 'RateLimited', 'at most 1 fewer in a minute')) }, [/Refused\n {2}RateLimited/, /What to do\n {2}nothing/]],
    ['a cause with advice', { status: { ...calm, bottleneck: { class: 'THROTTLED', since: '2026-03-01T12:00:00Z', evidence: 'throttled 22 %', advice: 'raise or drop the CPU limit' } } }, [/THROTTLED: the CPU limit stops the pods/, /What to do\n {2}raise or drop the CPU limit/]],
  ])('says %s', (_name, given, patterns) => {
    const text = textOf(given);
    for (const pattern of patterns) expect(text).toMatch(pattern);
    expect(text).not.toMatch(/undefined|NaN|\[object/u);
  });

  it('does not warn of anything where all is well', () => {
    expect(explain(object(), now).notes).toEqual([]);
    expect(textOf()).not.toContain('Mind');
  });

  it('tells the newest five decisions', () => {
    const [one] = calm.decisions ?? [];
    const many = Array.from({ length: 9 }, (_, index) => ({ ...one, at: `2026-03-01T12:0${9 - index}:00Z` })) as NonNullable<FeatureServerStatus['decisions']>;
    const text = textOf({ status: { ...calm, decisions: many } });
    expect(text.match(/ {2}CapacityShort:/gu)).toHaveLength(5);
    expect(text).toContain('  2026-03-01T12:09:00Z (1m ago)'.replace('1m', '60s'));
  });
});
