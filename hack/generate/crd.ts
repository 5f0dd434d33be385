/**
 * The CustomResourceDefinition of FeatureServer.
 *
 * @module
 */
import { celRules } from '../../src/api/cel-rules.ts';
import { featureServerStatusSchema } from '../../src/api/featureserver-status.ts';
import { featureServerSpecSchema, group, version } from '../../src/api/featureserver.ts';
import { resourceTypes } from '../../src/api/resource-types.ts';
import { printerColumns } from './printer-columns.ts';
import { structuralSchema } from './structural-schema.ts';
import type { StructuralSchema } from './structural-schema.ts';

const { plural, kind } = resourceTypes.featureServer;

const openAPIV3Schema = (): StructuralSchema => ({
  description: 'A fleet of feature servers that holds a p95 objective at the least cost.',
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: { ...structuralSchema(featureServerSpecSchema, 'spec'), description: 'What the fleet should be.' },
    status: { ...structuralSchema(featureServerStatusSchema, 'status'), description: 'What the fleet is, what limits it, what was decided and why.' },
  },
  'x-kubernetes-validations': [{ rule: celRules.name.rule, message: celRules.name.message }],
});

/** The CRD as a plain object. */
export const featureServerCrd = () => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural, singular: 'featureserver', kind, listKind: `${kind}List`, shortNames: ['fsrv'], categories: ['all', 'plateau'] },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: openAPIV3Schema() },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
        },
        additionalPrinterColumns: printerColumns,
      },
    ],
  },
});
