/**
 * The policy that a command line of `plateau simulate` asks for.
 *
 * @module
 */
import { fixed } from '../sim/policies/fixed.ts';
import type { Behaviour } from '../sim/policies/hpa-behaviour.ts';
import { hpaCpu, hpaP95, kedaRps } from '../sim/policies/hpa.ts';
import type { HpaSettings } from '../sim/policies/hpa.ts';
import { kpa } from '../sim/policies/kpa.ts';
import { plateauSpec } from '../sim/policies/plateau-spec.ts';
import { plateau } from '../sim/policies/plateau.ts';
import type { Policy } from '../sim/policy.ts';
import type { Profile } from '../sim/profile.ts';
import { inMs } from './simulate-arguments.ts';
import type { SimulateArguments } from './simulate-arguments.ts';

/** Period of the rate limits, seconds. */
const RATE_PERIOD = 15;

const behaviourOf = (read: SimulateArguments): Behaviour => ({
  up: {
    stabilizationSeconds: read['up-stabilization'],
    policies: [
      { kind: 'pods', value: read['up-pods'], periodSeconds: RATE_PERIOD },
      { kind: 'percent', value: read['up-percent'], periodSeconds: RATE_PERIOD },
    ],
  },
  down: { stabilizationSeconds: read['down-stabilization'], policies: [{ kind: 'percent', value: read['down-percent'], periodSeconds: RATE_PERIOD }] },
});

const hpaSettings = (read: SimulateArguments): HpaSettings => ({
  bounds: { min: read.min, max: read.max },
  behaviour: behaviourOf(read),
  tolerance: read.tolerance,
  syncSeconds: read.sync,
});

export const policyFor = (read: SimulateArguments, profile: Profile): Policy => {
  const bounds = { min: read.min, max: read.max };
  switch (read.policy) {
    case 'plateau':
      return plateau(
        plateauSpec({ bounds, objectiveMs: inMs(read.objective), threads: { initial: read.threads, max: read['max-threads'] }, processes: profile.processes, mostProcesses: read['max-processes'], coreLimit: profile.coreLimit }),
      );
    case 'hpa-cpu':
      return hpaCpu(hpaSettings(read), read['cpu-target'], read['cpu-request'] ?? null);
    case 'hpa-p95':
      return hpaP95(hpaSettings(read), inMs(read['p95-target'] ?? read.objective));
    case 'keda-rps':
      return kedaRps(hpaSettings(read), read['rps-target'], read.polling);
    case 'kpa':
      return kpa({
        bounds,
        target: read['concurrency-target'],
        stableSeconds: read['stable-window'],
        panicSeconds: read['panic-window'],
        panicThreshold: read['panic-threshold'],
        maxScaleUp: read['max-scale-up-rate'],
        maxScaleDown: read['max-scale-down-rate'],
        scaleDownDelaySeconds: read['scale-down-delay'],
      });
    case 'static':
      return fixed();
  }
};
