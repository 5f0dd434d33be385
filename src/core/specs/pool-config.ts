/**
 * The ConfigMap with the pool's size, mounted in the pods: a new pod starts at the right size even while no operator runs.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, mountPaths } from '../../api/names.ts';
import type { PoolConfig } from '../../api/protocol.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child } from './child.ts';

/** Key of the file in the ConfigMap. */
export const poolConfigKey = mountPaths.configFile.slice(mountPaths.config.length + 1);

/** Key order is fixed, so that equal sizes give equal bytes and no write. */
const configText = ({ threads, processes, generation, objectiveMs }: PoolConfig): string =>
  `${JSON.stringify({ threads, processes, generation, objectiveMs })}\n`;

/** The pods mount it as a directory, so that a change reaches them without a rollout. */
export const poolConfig = (featureServer: FeatureServer, pool: PoolConfig): Child =>
  child(
    featureServer,
    { role: 'poolConfig', type: resourceTypes.configMap, name: childNames(featureServer.metadata.name).poolConfig, component: 'pool' },
    { data: { [poolConfigKey]: configText(pool) } },
  );
