/**
 * Finds HorizontalPodAutoscalers and ScaledObjects that point at a fleet.
 *
 * @module
 */
import type { OtherAutoscaler } from '../../core/featureserver/effective-mode.ts';
import { indexes, targetsOf } from './caches.ts';
import type { Caches } from './caches.ts';

/** Autoscalers on the FeatureServer or on its Deployment, by name. KEDA's own HPA is left out where its ScaledObject is seen. */
export const otherAutoscalers = (caches: Pick<Caches, 'autoscaler' | 'scaledObject'>, namespace: string, name: string): OtherAutoscaler[] =>
  Object.entries(targetsOf(namespace, name)).flatMap(([target, key]) => {
    const found = [...caches.scaledObject.byIndex(indexes.target, key), ...caches.autoscaler.byIndex(indexes.target, key)];
    const names = found.map((object) => `${object.kind ?? 'HorizontalPodAutoscaler'} ${object.metadata.name ?? ''}`);
    return names.sort().map((other) => ({ name: other, target: target === 'FeatureServer' ? 'FeatureServer' : 'Deployment' }) as const);
  });
