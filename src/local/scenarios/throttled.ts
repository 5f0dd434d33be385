/**
 * A CPU limit that the kernel enforces, as in a cluster.
 *
 * @module
 */
import { parseQuantity } from '../../api/quantity.ts';
import { CpuCgroups, requireCpuController } from '../process/cpu-cgroups.ts';
import { exampleFleet } from './example-fleet.ts';
import type { PreparedScenario, Scenario } from './scenario.ts';

const limit = 0.2;
const burnMs = 2;
/** Before, one pod has room for it also while its code is not compiled yet. */
const load = { before: 12, after: 120 };

const prepare = async (): Promise<PreparedScenario> => {
  const controller = await requireCpuController();
  const manifest = exampleFleet({ env: { PLATEAU_CPU_BURN: `${burnMs}ms` }, threads: { min: 16, initial: 16, max: 32 }, cpu: limit, pods: 3 });
  return {
    images: new Map(),
    stage: async ({ stack }) => {
      const cgroups = new CpuCgroups(controller);
      stack.defer(() => cgroups.remove());
      return { manifest, wrap: (argv, { pod, container }) => cgroups.limited(pod.metadata.uid, parseQuantity(container.resources.limits['cpu']) ?? limit, argv) };
    },
  };
};

export const throttled: Scenario = {
  help: 'pods reach their CPU limit, and the kernel holds them back (needs root)',
  class: 'THROTTLED',
  answer: 'more pods, no more threads; advice to raise or drop the limit',
  load,
  atSeconds: 15,
  cause: `the load grows from ${load.before} to ${load.after} requests/s of ${burnMs} ms CPU each: more than a pod's limit of ${limit} core`,
  prepare,
};
