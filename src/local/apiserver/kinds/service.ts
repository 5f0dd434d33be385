/**
 * Services: defaults and an address that looks like a cluster's. Nothing routes to it: the local fleet uses pod addresses.
 *
 * @module
 */
import { at, fieldsOf, listOf, textOf, type Fields } from '../json.ts';
import { invalidValue, requiredValue } from '../schema/causes.ts';
import type { Cause } from '../status-error.ts';
import type { KindStrategy } from './definition.ts';
import { isDnsLabel } from './metadata.ts';
import { child, fill, objectsIn } from './pod-defaults.ts';

/** Addresses come from 10.96.0.0/16, one after another. */
const createAllocator = (): (() => string) => {
  let next = 1;
  return () => {
    next = (next % 65_000) + 1;
    return `10.96.${Math.floor(next / 256)}.${next % 256}`;
  };
};

const validate = (object: Fields, old?: Fields): readonly Cause[] => {
  const ports = objectsIn(at(object, 'spec', 'ports'));
  const name = textOf(at(object, 'metadata', 'name'));
  const before = old === undefined ? undefined : at(old, 'spec', 'clusterIP');
  const address = at(object, 'spec', 'clusterIP');
  return [
    ...(isDnsLabel(name) && /^[a-z]/u.test(name) ? [] : [invalidValue('metadata.name', name, 'a DNS-1035 label must consist of lower case alphanumeric characters or \'-\', start with an alphabetic character, and end with an alphanumeric character')]),
    ...(ports.length === 0 && address !== 'None' && at(object, 'spec', 'type') !== 'ExternalName' ? [requiredValue('spec.ports')] : []),
    ...(ports.length > 1
      ? ports.flatMap((port, index) => (textOf(port['name']) === '' ? [requiredValue(`spec.ports[${index}].name`)] : []))
      : []),
    ...(before === undefined || before === address ? [] : [invalidValue('spec.clusterIPs[0]', listOf([address]), 'may not change once set')]),
  ];
};

/** A strategy with its own range of addresses. */
export const createServiceStrategy = (): KindStrategy => {
  const allocate = createAllocator();
  return {
    countsGeneration: false,
    fillDefaults: (object) => {
      const spec = child(object, 'spec');
      fill(spec, {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
      });
      for (const port of objectsIn(spec['ports'])) fill(port, { protocol: 'TCP', targetPort: port['port'] });
      if (spec['clusterIP'] !== undefined) fill(spec, { clusterIPs: [spec['clusterIP']] });
    },
    beforeCreate: (object) => {
      fill(child(object, 'spec'), { clusterIP: allocate() });
      object['status'] = { loadBalancer: {} };
    },
    // A client that sends its manifest again knows nothing of the address.
    beforeUpdate: (object, old) => {
      const { clusterIP, clusterIPs } = fieldsOf(old['spec']);
      if (clusterIP !== undefined) fill(child(object, 'spec'), { clusterIP, clusterIPs });
    },
    validate,
  };
};
