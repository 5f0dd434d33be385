/**
 * From a CustomResourceDefinition to a kind.
 *
 * @module
 */
import * as z from 'zod';
import { listOf, type Fields } from '../json.ts';
import { structuralSchema } from '../schema/schema.ts';
import { customColumns, printerColumnsSchema } from '../table/custom-columns.ts';
import type { KindDefinition, ScalePaths } from './definition.ts';

const versionSchema = z.looseObject({
  name: z.string(),
  served: z.boolean(),
  storage: z.boolean(),
  schema: z.object({ openAPIV3Schema: z.record(z.string(), z.unknown()) }),
  subresources: z
    .object({
      status: z.record(z.string(), z.unknown()).optional(),
      scale: z
        .object({ specReplicasPath: z.string(), statusReplicasPath: z.string(), labelSelectorPath: z.string().optional() })
        .optional(),
    })
    .optional(),
  additionalPrinterColumns: printerColumnsSchema.optional(),
  selectableFields: z.array(z.object({ jsonPath: z.string() })).optional(),
});

const definitionSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    group: z.string(),
    scope: z.enum(['Namespaced', 'Cluster']),
    names: z.looseObject({
      plural: z.string(),
      singular: z.string(),
      kind: z.string(),
      listKind: z.string(),
      shortNames: z.array(z.string()).optional(),
      categories: z.array(z.string()).optional(),
    }),
    versions: z.array(versionSchema).min(1),
  }),
});
type Definition = z.infer<typeof definitionSchema>;
type Version = z.infer<typeof versionSchema>;

const simplePath = (path: string): readonly string[] => path.split('.').filter((part) => part !== '');

const scalePaths = ({ subresources }: Version): { scale?: ScalePaths } => {
  const scale = subresources?.scale;
  if (scale === undefined) return {};
  return {
    scale: {
      specReplicas: simplePath(scale.specReplicasPath),
      statusReplicas: simplePath(scale.statusReplicasPath),
      ...(scale.labelSelectorPath === undefined ? {} : { selector: simplePath(scale.labelSelectorPath) }),
    },
  };
};

/** Reversed group, version and kind: the name of a custom kind in OpenAPI documents. */
const openApiName = (group: string, version: string, kind: string): string =>
  [...group.split('.').toReversed(), version, kind].join('.');

const toKind = ({ spec }: Definition, version: Version): KindDefinition => {
  const { group, names } = spec;
  const raw: Fields = version.schema.openAPIV3Schema;
  return {
    type: { group, version: version.name, plural: names.plural, kind: names.kind, namespaced: spec.scope === 'Namespaced' },
    singular: names.singular,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    hasStatus: version.subresources?.status !== undefined,
    ...scalePaths(version),
    schema: structuralSchema(raw),
    custom: true,
    columns: customColumns(version.additionalPrinterColumns ?? []),
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => simplePath(jsonPath).join('.')),
    strategy: { countsGeneration: true },
    openApi: () => raw,
    openApiName: openApiName(group, version.name, names.kind),
  };
};

/** The kinds that a definition brings: one for each served version. Throws when a schema or a column is not understood. */
export const kindsOf = (definition: Fields): readonly KindDefinition[] => {
  const parsed = definitionSchema.parse(definition);
  return parsed.spec.versions.filter(({ served }) => served).map((version) => toKind(parsed, version));
};

/** True when a definition has more than one version: objects would need conversion, which this server does not do. */
export const hasSeveralVersions = (definition: Fields): boolean => {
  const spec = definitionSchema.shape.spec.safeParse(definition['spec']);
  return spec.success && listOf(spec.data.versions).length > 1;
};
