/**
 * A deploy after which a request costs twice the CPU.
 *
 * @module
 */
import { readManifest } from '../manifest/read-manifest.ts';
import { onlyManifest } from './builtin-fleet.ts';
import { exampleFleet } from './example-fleet.ts';
import type { Scenario, Tools } from './scenario.ts';

const [beforeMs, afterMs] = [4, 8];

const manifest = (burnMs: number): string => exampleFleet({ env: { PLATEAU_CPU_BURN: `${burnMs}ms` }, threads: { min: 16, initial: 16, max: 32 }, cpu: 0.5, pods: 3 });

const redeploy = async (tools: Tools): Promise<void> => {
  const objects = readManifest(manifest(afterMs), 'the manifest of the deploy');
  await tools.apply(objects.filter(({ type }) => type.kind === 'FeatureServer'));
};

/** Before, one pod of half a core has room for the load at half of its CPU; at twice the cost it takes two. */
export const deploy: Scenario = {
  help: 'a deploy doubles the CPU of a request while the load stays',
  class: null,
  answer: 'what was learned begins anew with the new pods, and the fleet is sized for the new cost',
  load: { before: 32, after: 32 },
  atSeconds: 20,
  cause: `a deploy: PLATEAU_CPU_BURN of the FeatureServer is ${afterMs}ms instead of ${beforeMs}ms, a request costs twice the CPU`,
  prepare: async () => onlyManifest({ manifest: manifest(beforeMs), begin: redeploy }),
};
