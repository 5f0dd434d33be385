/**
 * An explanation as lines for a person: the answer first, then what it rests on.
 *
 * @module
 */
import type { Decision, Scale } from '../api/featureserver-status.ts';
import { ageOf } from '../local/apiserver/table/age.ts';
import type { Explanation } from './explanation.ts';

/** Decisions that are told; the status holds ten. */
const MOST_DECISIONS = 5;

const counted = (count: number, noun: string, plural = `${noun}s`): string => `${count} ${count === 1 ? noun : plural}`;

const sizeText = ({ replicas, threads, processes }: Scale): string => `${counted(replicas, 'pod')} × ${counted(processes, 'process', 'processes')} × ${counted(threads, 'thread')}`;

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]);

const causeText = ({ cause }: Explanation, now: number): string => {
  if (cause === null) return 'nothing was measured yet, so nothing is known of what limits it';
  return `${cause.class}: ${cause.text}, for ${ageOf(cause.since, now)} (since ${cause.since})`;
};

const figures = ({ measured }: Explanation, now: number): string[] => {
  if (measured === null) return [];
  const { requestsPerSecond, cpuSecondsPerRequest, podCapacity, coverage, at } = measured;
  const parts = [
    requestsPerSecond === undefined ? 'the number of requests is not known' : `${requestsPerSecond} requests/s`,
    cpuSecondsPerRequest === undefined ? '' : `${Number((1000 * cpuSecondsPerRequest).toPrecision(3))} ms of CPU each`,
    podCapacity === undefined ? '' : `a pod can take ${podCapacity}/s`,
    coverage === undefined ? '' : `${Math.round(100 * coverage)} % of the pods reported`,
  ].filter((part) => part !== '');
  return [`${parts.join(', ')}; measured ${ageOf(at, now)} ago`];
};

const presentSize = ({ pods, ready, threads, processes }: Explanation['size']): string =>
  [
    `${counted(pods ?? 0, 'pod')} asked for`,
    ready === null ? '' : `${ready} ready`,
    processes === null ? '' : `${counted(processes, 'process', 'processes')} in each`,
    threads === null ? '' : `${counted(threads, 'thread')} in each process`,
  ].filter((part) => part !== '').join(', ');

/** Whose decision a recommendation is: in Recommend and Off that of Auto. */
const deciding = (mode: string): string => (mode === 'ReplicasOnly' || mode === 'ThreadsOnly' ? `mode ${mode}` : 'Auto');

const size = ({ size: present, recommendation, mode, paused }: Explanation): string[] => {
  const { pods, threads, processes } = present;
  if (pods === null) return [];
  const is = presentSize(present);
  if (recommendation === null) return [is];
  const same = recommendation.replicas === pods && recommendation.threads === threads && (processes === null || recommendation.processes === processes);
  const nobody = !same && (paused || mode === 'Recommend' || mode === 'Off') ? ', and nobody carries that out' : '';
  return [is, `${deciding(mode)} would have ${sizeText(recommendation)}${same ? ', which is the same' : nobody}`];
};

/** An autoscaler on CPU at 70 % of the limit, for comparison: known of moves alone, and the last one may be days old. */
const cpuAutoscaler = ({ decisions }: Explanation, now: number): string[] => {
  const [newest] = decisions;
  if (newest === undefined) return [];
  const { cpuAutoscalerWouldSay: said, at } = newest;
  const when = `at the last move, ${ageOf(at, now)} ago (${at})`;
  return [said === undefined ? `what an autoscaler on CPU would have said ${when} is not known: it needs a CPU limit, and pods that report` : `an autoscaler on CPU at 70 % would have asked for ${counted(said, 'pod')} ${when}`];
};

const decisionLines = (decision: Decision, now: number): string[] => [
  `${decision.at} (${ageOf(decision.at, now)} ago)  ${decision.reason}${decision.class === undefined ? '' : ` (${decision.class})`}: ${sizeText(decision.from)} → ${sizeText(decision.to)}`,
  `  ${decision.message}`,
];

const done = ({ decisions }: Explanation, now: number): string[] =>
  decisions.length === 0 ? ['nothing was moved yet'] : decisions.slice(0, MOST_DECISIONS).flatMap((decision) => decisionLines(decision, now));

/** The lines, at a moment in milliseconds since the epoch: ages are told from it. */
export const explanationLines = (explanation: Explanation, now: number): string[] => {
  const { namespace, name, mode, paused, objectiveText, cause, notes, refused, advice } = explanation;
  return [
    `${namespace}/${name}  mode ${mode}${paused ? ', paused' : ''}`,
    objectiveText,
    causeText(explanation, now),
    ...section('Mind', notes),
    ...section('Evidence', [...(cause === null || cause.evidence === '' ? [] : [cause.evidence]), ...figures(explanation, now)]),
    ...section('Size', [...size(explanation), ...cpuAutoscaler(explanation, now)]),
    ...section('Done', done(explanation, now)),
    ...section('Refused', refused),
    ...section('What to do', advice),
  ];
};
