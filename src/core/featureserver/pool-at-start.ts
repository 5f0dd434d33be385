/**
 * Pool sizes that running pods have wrong and cannot change while they run: they go into the pod template, and so roll the pods.
 *
 * @module
 */
import { annotations } from '../../api/names.ts';
import type { PoolConfig } from '../../api/protocol.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import type { Observed, PoolReport } from './observed.ts';

const sizes = ['threads', 'processes'] as const;
type Size = (typeof sizes)[number];

/**
 * Annotations of the pod template. Pods read the ConfigMap when they start, so a size needs a rollout only where a running pod lacks it,
 * cannot take it live, and could take it at a start. While pods are being replaced nothing changes: what was decided meanwhile is
 * what those yet to come start with, and one more rollout at the end covers the rest. The annotation once written stays even
 * when it is no longer needed, since its removal would roll the pods as well.
 */
export const poolAtStart = ({ deployment, pools }: Pick<Observed, 'deployment' | 'pools'>, config: PoolConfig): Record<string, string> => {
  const present = deployment?.templateAnnotations[annotations.poolAtStart];
  const wrong = sizes.filter((size) => Object.values(pools).some((pool) => needsStart(pool, size, config[size])));
  if (wrong.length > 0 && !isReplacing(deployment)) return { [annotations.poolAtStart]: wrong.map((size) => `${size}=${config[size]}`).join(',') };
  return present === undefined ? {} : { [annotations.poolAtStart]: present };
};

/** A size beyond what the server can have would be wrong after a rollout too. */
const needsStart = ({ live, limits, ...pool }: PoolReport, size: Size, wanted: number): boolean =>
  !live[size] && pool[size] !== wanted && wanted >= limits[size].min && wanted <= limits[size].max;

/** Pods of an older template exist still, or the controller has not even begun. */
const isReplacing = (deployment: DeploymentFacts | null): boolean =>
  deployment !== null && (!deployment.observed || deployment.updatedReplicas < deployment.statusReplicas);
