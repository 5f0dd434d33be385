/**
 * The NetworkPolicy, when asked for: the serving port for `from`, the admin port for the operator and `metricsFrom` only.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, portNames, selectorLabels } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child, ChildContext, ChildIdentity } from './child.ts';

type Peer = Record<string, unknown>;

/** Which object it is, also for deleting it. */
export const networkPolicyIdentity = ({ metadata }: FeatureServer): ChildIdentity => ({
  role: 'networkPolicy',
  type: resourceTypes.networkPolicy,
  name: childNames(metadata.name).networkPolicy,
  component: 'server',
});

const operatorPeers = (operator: ChildContext['operator']): Peer[] =>
  operator === null
    ? []
    : [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operator.namespace } },
          podSelector: { matchLabels: operator.podLabels },
        },
      ];

const port = (name: string) => [{ port: name, protocol: 'TCP' }];

/** A rule with an empty `from` would let everyone in, so without a peer there is no rule and the admin port is closed. */
const adminRules = (peers: Peer[]) => (peers.length === 0 ? [] : [{ from: peers, ports: port(portNames.admin) }]);

/** `from: []` written by a user means nobody here, as it reads, and not everybody, as in a NetworkPolicy. */
const servingRules = (from: Peer[] | undefined) => {
  if (from === undefined) return [{ ports: port(portNames.serving) }];
  return from.length === 0 ? [] : [{ from, ports: port(portNames.serving) }];
};

export const networkPolicy = (featureServer: FeatureServer, operator: ChildContext['operator']): Child => {
  const { from, metricsFrom = [] } = featureServer.spec.networkPolicy;
  return child(featureServer, networkPolicyIdentity(featureServer), {
    spec: {
      podSelector: { matchLabels: selectorLabels(featureServer.metadata.name) },
      policyTypes: ['Ingress'],
      ingress: [...servingRules(from), ...adminRules([...operatorPeers(operator), ...metricsFrom])],
    },
  });
};
