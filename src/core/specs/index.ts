/**
 * All children of a FeatureServer, as they should be.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import type { Child, ChildContext, ChildIdentity } from './child.ts';
import { deployment } from './deployment.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { networkPolicy, networkPolicyIdentity } from './network-policy.ts';
import { poolConfig } from './pool-config.ts';
import { poolTokenSecret } from './pool-token.ts';
import { serviceAccount } from './service-account.ts';
import { service } from './service.ts';

export { childRoles } from './child.ts';
export type { Child, ChildContext, ChildIdentity, ChildObject, ChildRole } from './child.ts';
export { poolToken } from './pool-token.ts';

/**
 * Every child that must exist, in the order in which to apply them: what the pods mount comes before the pods.
 *
 * @throws RangeError when a duration of the spec is none; an object that a schema has accepted has no such.
 */
export const desiredChildren = (featureServer: FeatureServer, context: ChildContext): Child[] => [
  serviceAccount(featureServer),
  poolConfig(featureServer, context.pool),
  poolTokenSecret(featureServer, context.token),
  service(featureServer),
  deployment(featureServer, context),
  disruptionBudget(featureServer),
  ...(featureServer.spec.networkPolicy.enabled ? [networkPolicy(featureServer, context.operator)] : []),
];

/** Children that must not exist (any more); delete one only when the object owns it. */
export const unwantedChildren = (featureServer: FeatureServer): ChildIdentity[] =>
  featureServer.spec.networkPolicy.enabled ? [] : [networkPolicyIdentity(featureServer)];
