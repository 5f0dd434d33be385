/**
 * Plateau's own law as a policy: windows in, recommendation out, memory through JSON between evaluations.
 *
 * @module
 */
import { recommend } from '../../core/autoscale/recommend.ts';
import type { AutoscaleSpec, FleetWindow } from '../../core/autoscale/types.ts';
import type { FleetView, Policy } from '../policy.ts';

/** A window grows until the fleet saw so many requests in it, up to ten minutes. docs/control-law.md. */
const ENOUGH_REQUESTS = 100;
const LONGEST_SECONDS = 600;

const grownWindow = (view: FleetView, usual: number): FleetWindow => {
  let seconds = usual;
  if (view.arrivals(usual) > 0) while (seconds < LONGEST_SECONDS && view.arrivals(seconds) < ENOUGH_REQUESTS) seconds = Math.min(LONGEST_SECONDS, 2 * seconds);
  return view.window(seconds);
};

/** Two scrapes an evaluation, as the operator does by default. */
const scrapesOf = ({ evaluation }: AutoscaleSpec): number => Math.min(5, Math.max(1, evaluation.periodMs / 2000));

export const plateau = (spec: AutoscaleSpec): Policy => {
  let memory = 'null';
  return {
    name: 'plateau',
    periodSeconds: spec.evaluation.periodMs / 1000,
    scrapeSeconds: scrapesOf(spec),
    decide: (view) => {
      const windows = grownWindow(view, spec.evaluation.windowMs / 1000);
      const { memory: left, ...answer } = recommend({ spec, windows, memory: JSON.parse(memory), now: view.nowMs });
      memory = JSON.stringify(left);
      return { scale: answer.scale, reason: answer.reason, inputs: { ...answer } };
    },
  };
};
