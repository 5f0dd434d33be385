/**
 * The Service in front of the serving port. The admin port is not in it: what it changes is one pod, never whichever answers.
 *
 * @module
 */
import type { V1ServiceSpec } from '@kubernetes/client-node';
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, portNames, selectorLabels } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child } from './child.ts';

export const service = (featureServer: FeatureServer): Child => {
  const { metadata, spec } = featureServer;
  const body = {
    selector: selectorLabels(metadata.name),
    ports: [{ name: portNames.serving, port: spec.ports.serving, targetPort: portNames.serving, protocol: 'TCP', appProtocol: 'http' }],
  } satisfies V1ServiceSpec;
  return child(
    featureServer,
    { role: 'service', type: resourceTypes.service, name: childNames(metadata.name).service, component: 'server' },
    { spec: body },
  );
};
