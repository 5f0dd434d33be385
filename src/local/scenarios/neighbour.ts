/**
 * Another program on the core of the pods.
 *
 * @module
 */
import { allowedCores, pinnedTo, requireTaskset } from '../process/affinity.ts';
import { startGuarded } from '../process/guard.ts';
import { exampleFleet } from './example-fleet.ts';
import type { PreparedScenario, Scenario, StageRoom } from './scenario.ts';

const hogs = 3;
const load = 30;

/**
 * Of a core that it shares with three others the pod gets a quarter: while it runs it waits three times as long. It needs a seventh, so that
 * requests wait for the core and not for one another.
 */
const env = { PLATEAU_CPU_BURN: '4ms', PLATEAU_STORE_DELAY: '5ms' };

const startHogs = ({ stack }: Pick<StageRoom, 'stack'>, core: number): void => {
  for (let index = 0; index < hogs; index++) {
    const hog = startGuarded({ argv: pinnedTo(core, [process.execPath, '-e', 'for (;;);']), env: process.env });
    hog.child.stdout?.resume();
    hog.child.stderr?.resume();
    stack.defer(async () => {
      hog.kill();
      await hog.ended;
    });
  }
};

const prepare = async (): Promise<PreparedScenario> => {
  await requireTaskset();
  const core = allowedCores().at(-1) ?? 0;
  const manifest = exampleFleet({ env, threads: { min: 24, initial: 24, max: 32 }, pods: 3 });
  return {
    images: new Map(),
    stage: async ({ stack }) => ({ manifest, wrap: (argv) => pinnedTo(core, argv), begin: async () => startHogs({ stack }, core) }),
  };
};

export const neighbour: Scenario = {
  help: 'other programs keep the core of the pods busy (needs taskset)',
  class: 'STEAL',
  answer: 'no more threads; advice to raise the CPU request or to move the neighbour away',
  load: { before: load, after: load },
  atSeconds: 15,
  cause: `${hogs} programs that never rest begin on the core that the pods run on`,
  prepare,
};
