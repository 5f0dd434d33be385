/**
 * The ServiceAccount of the pods: an identity of their own, without a token.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child } from './child.ts';

/** A feature server calls no Kubernetes API; who needs a token sets `podTemplate.spec.automountServiceAccountToken`. */
export const serviceAccount = (featureServer: FeatureServer): Child =>
  child(
    featureServer,
    {
      role: 'serviceAccount',
      type: resourceTypes.serviceAccount,
      name: childNames(featureServer.metadata.name).serviceAccount,
      component: 'server',
    },
    { automountServiceAccountToken: false },
  );
