/**
 * Pods that are much slower than the others, by name: the class is that of the typical pod, and one slow node hides behind it.
 *
 * @module
 */
import { ms } from './classes/words.ts';
import { mean } from './histogram.ts';
import { countOrNull, isCount, median } from './numbers.ts';
import type { PodSample, PodWindow } from './types.ts';

/** Equal pods differ by up to 23 % in p95 (measured): twice the mean is no chance. */
const SLOWER = 2;
const LEAST_SECONDS = 0.002;
/** Fewer answers say nothing of a pod, and fewer pods nothing of what is typical. */
const FEW_ANSWERS = 30;
const FEW_PODS = 3;
/** A sentence names so many. */
const MOST_NAMED = 3;

/** Mean times of a request in one pod, seconds; null where the pod does not tell. */
interface Times {
  name: string;
  node: string | null;
  service: number;
  parts: Record<keyof typeof partNames, number | null>;
}

const partNames = {
  core: 'waiting for a core',
  throttled: 'stopped by the CPU limit',
  interpreter: 'waiting for the interpreter',
  cpu: 'on the CPU',
  store: 'in the store',
} as const;
const parts = Object.keys(partNames) as (keyof typeof partNames)[];

const timesOf = ({ name, node }: PodWindow, sample: PodSample): Times | null => {
  const service = mean(sample.service);
  if (service === null || sample.completions < FEW_ANSWERS) return null;
  const each = (seconds: number | null): number | null => (isCount(seconds) ? seconds / sample.completions : null);
  return {
    name,
    node,
    service,
    parts: {
      core: each(sample.runqueueWaitSeconds),
      throttled: each(sample.throttledSeconds),
      interpreter: each(sample.gilWaitingThreadSeconds),
      cpu: each(sample.cpuSeconds),
      store: countOrNull(mean(sample.store)),
    },
  };
};

/** What of a slow pod's time is longer than in the typical one; empty where nothing that it reports explains a third of it. */
const explain = (pod: Times, typical: readonly Times[]): string => {
  const longer = parts.map((part) => ({ part, by: (pod.parts[part] ?? 0) - (median(typical.map((other) => other.parts[part]).filter(isCount)) ?? 0) }));
  const [most] = longer.toSorted((a, b) => b.by - a.by);
  return most === undefined || most.by < (pod.service - (median(typical.map(({ service }) => service)) ?? 0)) / 3 ? '' : `, ${ms(most.by)} of the difference ${partNames[most.part]}`;
};

/** `pod a on node n`, or all of a node's pods as one where it has several and none that is well. */
const nameOf = (slow: readonly Times[], all: readonly Times[]): string => {
  const [first] = slow;
  const node = first?.node ?? null;
  const isNode = node !== null && slow.length > 1 && slow.every((pod) => pod.node === node) && all.every((pod) => pod.node !== node || slow.includes(pod));
  if (isNode) return `the ${slow.length} pods on node ${node}`;
  const named = slow.slice(0, MOST_NAMED).map((pod) => (pod.node === null ? pod.name : `${pod.name} on node ${pod.node}`));
  return `${named.join(', ')}${slow.length > MOST_NAMED ? ` and ${slow.length - MOST_NAMED} more` : ''}`;
};

/**
 * Names the pods whose requests hold a slot for more than twice as long as those of the typical pod, the slowest first; empty without. Pods whose
 * numbers are believed; times per request.
 */
export const outliers = (believed: readonly { pod: PodWindow; sample: PodSample }[]): string => {
  if (believed.length < FEW_PODS) return '';
  const all = believed.map(({ pod, sample }) => timesOf(pod, sample)).filter((times) => times !== null);
  const typical = median(all.map(({ service }) => service)) ?? 0;
  const slow = all.filter(({ service }) => service >= SLOWER * typical && service - typical >= LEAST_SECONDS).toSorted((a, b) => b.service - a.service || (a.name < b.name ? -1 : 1));
  const [slowest] = slow;
  if (all.length < FEW_PODS || slowest === undefined) return '';
  return `slower than the others: ${nameOf(slow, all)} (${ms(slowest.service)} a request, ${ms(typical)} in the typical pod${explain(slowest, all)})`;
};
