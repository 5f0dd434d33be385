/**
 * All checks, in the order in which they run: what needs nothing first, what ends the server last.
 *
 * @module
 */
import type { Check } from './check.ts';
import { configurationFile } from './checks/configuration-file.ts';
import { configurationRefused } from './checks/configuration-refused.ts';
import { connectionAge } from './checks/connection-age.ts';
import { counts } from './checks/counts.ts';
import { countersRise } from './checks/counters-rise.ts';
import { fullPool } from './checks/full-pool.ts';
import { health } from './checks/health.ts';
import { histogramEdges } from './checks/histogram-edges.ts';
import { killedProcess } from './checks/killed-process.ts';
import { littlesLaw } from './checks/littles-law.ts';
import { metricsFormat } from './checks/metrics-format.ts';
import { metricsInfo } from './checks/metrics-info.ts';
import { metricsPresent } from './checks/metrics-present.ts';
import { objectiveEdge } from './checks/objective-edge.ts';
import { observations } from './checks/observations.ts';
import { overObjective } from './checks/over-objective.ts';
import { poolLimit } from './checks/pool-limit.ts';
import { poolState } from './checks/pool-state.ts';
import { putBody } from './checks/put-body.ts';
import { putGeneration } from './checks/put-generation.ts';
import { putHuge } from './checks/put-huge.ts';
import { putInForce } from './checks/put-in-force.ts';
import { putLimits } from './checks/put-limits.ts';
import { putRepeated } from './checks/put-repeated.ts';
import { putToken } from './checks/put-token.ts';
import { resizeKept, resizeNew } from './checks/resize.ts';
import { serves } from './checks/serves.ts';
import { shedding } from './checks/shedding.ts';
import { sigterm } from './checks/sigterm.ts';
import { storeLoss, storeSilence } from './checks/store-loss.ts';
import { visibleP95 } from './checks/visible-p95.ts';

export const checks: readonly Check[] = [
  configurationFile,
  configurationRefused,
  health,
  serves,
  metricsFormat,
  metricsPresent,
  metricsInfo,
  histogramEdges,
  poolState,
  putToken,
  putBody,
  putHuge,
  putGeneration,
  putRepeated,
  putLimits,
  objectiveEdge,
  putInForce,
  counts,
  littlesLaw,
  observations,
  visibleP95,
  resizeKept,
  resizeNew,
  poolLimit,
  fullPool,
  shedding,
  overObjective,
  connectionAge,
  killedProcess,
  storeLoss,
  storeSilence,
  countersRise,
  sigterm,
];
