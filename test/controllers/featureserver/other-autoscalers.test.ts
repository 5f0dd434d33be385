import { expect, it } from '@jest/globals';
import { createCaches, fleetOfTarget } from '../../../src/controllers/featureserver/caches.ts';
import { otherAutoscalers } from '../../../src/controllers/featureserver/other-autoscalers.ts';
import { RecordingLogger } from '../../runtime/support/recorders.ts';

const scaler = (kind: string, name: string, scaleTargetRef: unknown) => ({ kind, metadata: { namespace: 'shop', name, uid: name, resourceVersion: '1' }, spec: { scaleTargetRef } });

it.each([
  ['an HPA on the object', 'autoscaler', scaler('HorizontalPodAutoscaler', 'h', { apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer', name: 'ranking' }), [{ name: 'HorizontalPodAutoscaler h', target: 'FeatureServer' }]],
  ['an HPA on its Deployment', 'autoscaler', scaler('HorizontalPodAutoscaler', 'h', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'ranking' }), [{ name: 'HorizontalPodAutoscaler h', target: 'Deployment' }]],
  ['a ScaledObject, which may leave the kind out', 'scaledObject', scaler('ScaledObject', 's', { name: 'ranking' }), [{ name: 'ScaledObject s', target: 'Deployment' }]],
  ['one on another Deployment', 'autoscaler', scaler('HorizontalPodAutoscaler', 'h', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'search' }), []],
  ['one on a StatefulSet of the name', 'autoscaler', scaler('HorizontalPodAutoscaler', 'h', { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'ranking' }), []],
  ['one that says nothing', 'autoscaler', { kind: 'HorizontalPodAutoscaler', metadata: { namespace: 'shop', name: 'h' } }, []],
] as const)('finds %s', (_name, cache, object, expected) => {
  const caches = createCaches(new RecordingLogger());
  caches[cache].upsert(structuredClone(object));
  expect(otherAutoscalers(caches, 'shop', 'ranking')).toEqual(expected);
  if (expected.length > 0) expect(fleetOfTarget(object)).toEqual(['shop/ranking']);
});
