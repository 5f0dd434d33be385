/**
 * Who turns which knob, once the annotation and other autoscalers are looked at.
 *
 * @module
 */
import type { ScalingMode } from '../../api/featureserver.ts';

/** Another autoscaler that points at the FeatureServer or at its Deployment. */
export interface OtherAutoscaler {
  /** `HorizontalPodAutoscaler ranking` */
  name: string;
  target: 'FeatureServer' | 'Deployment';
}

/** True in the modes in which Plateau chooses the number of replicas. */
export const scalesReplicas = (mode: string | undefined): boolean => mode === 'Auto' || mode === 'ReplicasOnly';

/** True in the modes in which Plateau chooses threads and processes. */
export const scalesThreads = (mode: string | undefined): boolean => mode === 'Auto' || mode === 'ThreadsOnly';

/**
 * The mode that the control law is asked under: with another autoscaler on the target the number of replicas is not
 * ours to move, so that a joint move would never be completed.
 */
export const effectiveMode = (mode: ScalingMode, others: readonly OtherAutoscaler[]): ScalingMode => {
  if (others.length === 0) return mode;
  if (mode === 'Auto') return 'ThreadsOnly';
  return mode === 'ReplicasOnly' ? 'Recommend' : mode;
};
