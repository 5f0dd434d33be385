/**
 * The serving processes of a pool whose size is 0 in tests: everything but the fork.
 *
 * @module
 */
import type { Knobs, ServingSettings } from '../../../src/worker/messages.ts';
import { Dealer } from '../../../src/worker/primary/dealer.ts';
import { Processes } from '../../../src/worker/primary/processes.ts';

export const knobs: Knobs = { inflight: 8, queue: 64, objectiveMs: 50 };

const settings: ServingSettings = {
  project: 'p',
  store: { type: 'sqlite', path: '/nowhere/online.db' },
  storeTimeoutMs: 500,
  missingEntities: 'feast',
  knobs,
  maxBodyBytes: 1024,
  maxConnectionAgeMs: 60_000,
  keepAliveTimeoutMs: 65_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleDrainMs: 0,
  storeDelayMs: 0,
  storeDelaySigma: 0,
  cpuBurnMs: 0,
  queueWaitMs: 0,
};

/** Processes that none are started of yet. */
export const noProcesses = (): Processes => new Processes(settings, () => undefined, new Dealer(() => 0));
