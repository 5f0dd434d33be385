/**
 * The policies that are compared, each as the model runs it and as it writes `spec.replicas` of a live FeatureServer.
 *
 * @module
 */
import { hpaCpu, hpaP95 } from '../../../../src/sim/policies/hpa.ts';
import type { Policy } from '../../../../src/sim/policy.ts';
import type { DecisionRecord } from '../../../../src/core/decisions/record.ts';
import { hpaSettings, objectiveMs } from './pace.ts';

export interface Peer {
  readonly name: string;
  /** Over which it averages, seconds. */
  readonly windowSeconds: number;
  readonly make: () => Policy;
}

const cpuWindow = 3;
/** The minute of a usual rate() in Prometheus, five times as fast. */
const rateWindow = 12;

/** The pod may use both cores, and one interpreter can use one: what is requested decides what an HPA on CPU sees. */
export const peers: readonly Peer[] = [
  { name: 'hpa-cpu, 70 % of the 2 cores that a pod may use', windowSeconds: cpuWindow, make: () => hpaCpu(hpaSettings, 70, 2) },
  { name: 'hpa-cpu, 50 % of 1 core', windowSeconds: cpuWindow, make: () => hpaCpu(hpaSettings, 50, 1) },
  { name: 'hpa-cpu, 70 % of 1 core', windowSeconds: cpuWindow, make: () => hpaCpu(hpaSettings, 70, 1) },
  { name: 'hpa-p95, at the objective', windowSeconds: rateWindow, make: () => hpaP95(hpaSettings, objectiveMs) },
];

/** Asks the policy on its own beat with what the operator scraped, and writes the size that it wants. */
export const follow = (policy: Policy): ((record: DecisionRecord, setReplicas: (replicas: number) => Promise<void>) => Promise<void>) => {
  let nextAt = Number.NEGATIVE_INFINITY;
  let first: number | undefined;
  return async ({ input: { windows, now } }, setReplicas) => {
    first ??= now;
    if (now < nextAt) return;
    nextAt = now + policy.periodSeconds * 1000;
    const samples = windows.pods.map(({ sample }) => sample).filter((sample) => sample !== null);
    const { scale } = policy.decide({
      now: (now - first) / 1000,
      nowMs: now,
      scale: windows.current,
      coreLimit: null,
      window: () => windows,
      arrivals: () => samples.reduce((sum, { arrivals }) => sum + arrivals, 0),
    });
    if (scale.replicas !== windows.current.replicas) await setReplicas(scale.replicas);
  };
};
