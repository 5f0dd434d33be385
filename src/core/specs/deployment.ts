/**
 * The Deployment, without `replicas`: the number of pods has a field manager of its own.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, selectorLabels } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child, ChildContext } from './child.ts';
import { podTemplate } from './pod-template.ts';

export const deployment = (featureServer: FeatureServer, context: ChildContext): Child => {
  const { metadata, spec } = featureServer;
  const { maxSurge, maxUnavailable, minReadySeconds } = spec.rollout;
  return child(
    featureServer,
    { role: 'deployment', type: resourceTypes.deployment, name: childNames(metadata.name).deployment, component: 'server' },
    {
      spec: {
        selector: { matchLabels: selectorLabels(metadata.name) },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
        minReadySeconds,
        template: podTemplate(featureServer, context),
      },
    },
  );
};
