/**
 * Whether `spec.replicas` is a wish to be obeyed, or a number left over from a mode in which Plateau scaled.
 *
 * @module
 */
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import { scalesReplicas } from './effective-mode.ts';

export type ReplicaRequest = NonNullable<FeatureServerStatus['replicasRequest']>;

/**
 * A change of mode alone must not move the fleet: fleet at 9 under Auto, `spec.replicas: 3` from long ago, mode becomes
 * Off → stays at 9 until the number is written anew. `running` is the Deployment's number, null without one.
 */
export const replicaRequest = (
  mode: string,
  specReplicas: number | undefined,
  previous: ReplicaRequest | undefined,
  running: number | null,
): ReplicaRequest | undefined => {
  if (specReplicas === undefined) return undefined;
  if (scalesReplicas(mode)) return { value: specReplicas, obeyed: false };
  const leftOver = previous?.value === specReplicas && !previous.obeyed && running !== specReplicas;
  return { value: specReplicas, obeyed: !leftOver };
};
