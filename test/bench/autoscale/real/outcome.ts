/**
 * What a run cost and what its clients felt, measured and predicted.
 *
 * @module
 */
import type { Report } from '../../../../src/local/report/report.ts';
import type { SimulationResult } from '../../../../src/sim/outcome.ts';

export interface Outcome {
  readonly requests: number;
  /** Share of requests that failed or were answered later than the objective. */
  readonly over: number;
  readonly podMinutes: number;
  readonly mostPods: number;
  readonly reversals: number;
}

export interface Compared {
  readonly policy: string;
  readonly measured: Outcome;
  readonly predicted: Outcome;
}

export const measuredOf = ({ fleets, requests }: Report): Outcome => {
  const replicas = fleets[0]?.seconds.map((second) => second.replicas) ?? [];
  return {
    requests: requests.sent,
    over: requests.over / Math.max(1, requests.sent),
    podMinutes: replicas.reduce((sum, pods) => sum + pods, 0) / 60,
    mostPods: Math.max(0, ...replicas),
    reversals: reversalsOf(replicas),
  };
};

/** Moves in the other direction than the one before. */
export const reversalsOf = (replicas: readonly number[]): number => {
  const directions = replicas.slice(1).map((pods, index) => Math.sign(pods - (replicas[index] ?? pods))).filter((direction) => direction !== 0);
  return directions.filter((direction, index) => index > 0 && direction !== directions[index - 1]).length;
};

export const predictedOf = ({ requests, overObjective, podHours, maxReplicas, reversals }: SimulationResult): Outcome => ({
  requests,
  over: overObjective / Math.max(1, requests),
  podMinutes: 60 * podHours,
  mostPods: maxReplicas,
  reversals,
});

const both = (measured: number, predicted: number, digits: number): string => `${measured.toFixed(digits)} / ${predicted.toFixed(digits)}`;

/** Markdown. */
export const table = (rows: readonly Compared[]): string =>
  [
    '| policy | requests | over the objective, %, measured / model | pod-minutes | most pods | reversals |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ policy, measured, predicted }) =>
      `| ${[policy, measured.requests, both(100 * measured.over, 100 * predicted.over, 1), both(measured.podMinutes, predicted.podMinutes, 1), both(measured.mostPods, predicted.mostPods, 0), both(measured.reversals, predicted.reversals, 0)].join(' | ')} |`),
  ].join('\n');
