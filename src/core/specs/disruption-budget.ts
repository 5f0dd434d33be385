/**
 * The PodDisruptionBudget: how many pods a node drain may take at once.
 *
 * @module
 */
import type { V1PodDisruptionBudgetSpec } from '@kubernetes/client-node';
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, selectorLabels } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child } from './child.ts';

export const disruptionBudget = (featureServer: FeatureServer): Child => {
  const { metadata, spec } = featureServer;
  const body = {
    maxUnavailable: spec.disruption.maxUnavailable,
    selector: { matchLabels: selectorLabels(metadata.name) },
    // Without it one pod that never gets ready keeps its node from being drained for ever.
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  } satisfies V1PodDisruptionBudgetSpec;
  return child(
    featureServer,
    { role: 'disruptionBudget', type: resourceTypes.disruptionBudget, name: childNames(metadata.name).disruptionBudget, component: 'server' },
    { spec: body },
  );
};
