/**
 * Schemas with their references followed, one shape for built-in kinds (OpenAPI of kube-apiserver) and for custom
 * resources (structural schemas of CRDs). References make a graph with cycles: never serialise a `Schema`.
 *
 * @module
 */
import * as z from 'zod';
import { isFields, type Fields } from '../json.ts';

export interface ValidationRule {
  readonly rule: string;
  readonly message?: string | undefined;
  readonly messageExpression?: string | undefined;
  readonly reason?: string | undefined;
  readonly fieldPath?: string | undefined;
  readonly optionalOldSelf?: boolean | undefined;
}

export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, Schema>;
  readonly additional?: Schema;
  readonly items?: Schema;
  readonly required: readonly string[];
  readonly defaultValue?: unknown;
  /** Fields outside `properties` are kept, not pruned. */
  readonly openEnded: boolean;
  readonly intOrString: boolean;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listMapKeys: readonly string[];
  readonly atomicMap: boolean;
  readonly mergeKey?: string;
  readonly patchStrategies: readonly string[];
  readonly rules: readonly ValidationRule[];
  readonly limits: Limits;
}

const limitsSchema = z.object({
  enum: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.boolean().optional(),
  exclusiveMaximum: z.boolean().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  uniqueItems: z.boolean().optional(),
  minProperties: z.number().optional(),
  maxProperties: z.number().optional(),
  multipleOf: z.number().optional(),
});
/** What a value must keep to beside its type. */
export type Limits = z.infer<typeof limitsSchema>;

const ruleSchema = z.object({
  rule: z.string(),
  message: z.string().optional(),
  messageExpression: z.string().optional(),
  reason: z.string().optional(),
  fieldPath: z.string().optional(),
  optionalOldSelf: z.boolean().optional(),
});

const nodeSchema = z.looseObject({
  $ref: z.string().optional(),
  allOf: z.array(z.record(z.string(), z.unknown())).optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  nullable: z.boolean().optional(),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  additionalProperties: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional(),
  items: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  'x-kubernetes-preserve-unknown-fields': z.boolean().optional(),
  'x-kubernetes-int-or-string': z.boolean().optional(),
  'x-kubernetes-list-type': z.enum(['atomic', 'set', 'map']).optional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
  'x-kubernetes-map-type': z.string().optional(),
  'x-kubernetes-patch-merge-key': z.string().optional(),
  'x-kubernetes-patch-strategy': z.string().optional(),
  'x-kubernetes-validations': z.array(ruleSchema).optional(),
});
type Node = z.infer<typeof nodeSchema>;

/** A schema that allows anything: what lies under an unknown field that is kept. */
export const anything: Schema = {
  nullable: true,
  properties: new Map(),
  required: [],
  openEnded: true,
  intOrString: false,
  listType: 'atomic',
  listMapKeys: [],
  atomicMap: false,
  patchStrategies: [],
  rules: [],
  limits: {},
};

const refPrefix = '#/components/schemas/';
type Find = (name: string) => Schema;

const noReferences: Find = (name) => {
  throw new Error(`a structural schema has no references, this one refers to ${name}`);
};

/** Members that are only there when they have a value. */
const optionalParts = (node: Node, find: Find): Partial<Schema> => ({
  ...(node.type === undefined ? {} : { type: node.type }),
  ...(node.format === undefined ? {} : { format: node.format }),
  ...(node['default'] === undefined ? {} : { defaultValue: node['default'] }),
  ...(node.items === undefined ? {} : { items: convert(node.items, find) }),
  ...(isFields(node.additionalProperties) ? { additional: convert(node.additionalProperties, find) } : {}),
  ...(node.additionalProperties === true ? { additional: anything } : {}),
  ...(node['x-kubernetes-patch-merge-key'] === undefined ? {} : { mergeKey: node['x-kubernetes-patch-merge-key'] }),
});

const isBareObject = (node: Node): boolean =>
  (node.type ?? 'object') === 'object' && node.properties === undefined && node.additionalProperties === undefined;

const convert = (raw: Fields, find: Find): Schema => {
  const node = nodeSchema.parse(raw);
  const reference = node.$ref ?? node.allOf?.find((part) => typeof part['$ref'] === 'string')?.['$ref'];
  if (typeof reference === 'string') return overlay(find(reference.slice(refPrefix.length)), node);
  return {
    ...optionalParts(node, find),
    ...mergeParts(node),
    nullable: node.nullable ?? false,
    properties: new Map(Object.entries(node.properties ?? {}).map(([name, part]) => [name, convert(part, find)])),
    required: node.required ?? [],
    openEnded: node['x-kubernetes-preserve-unknown-fields'] ?? (find !== noReferences && isBareObject(node)),
    intOrString: node['x-kubernetes-int-or-string'] ?? node.format === 'int-or-string',
    rules: node['x-kubernetes-validations'] ?? [],
    limits: limitsSchema.parse(node),
  };
};

/** How values are merged: by server-side apply and by strategic merge patch. */
const mergeParts = (node: Node): Pick<Schema, 'listType' | 'listMapKeys' | 'atomicMap' | 'patchStrategies'> => ({
  listType: node['x-kubernetes-list-type'] ?? 'atomic',
  listMapKeys: node['x-kubernetes-list-map-keys'] ?? [],
  atomicMap: node['x-kubernetes-map-type'] === 'atomic',
  patchStrategies: node['x-kubernetes-patch-strategy']?.split(',') ?? [],
});

/** A reference with siblings (default, merge key): the referred schema with these on top. */
const overlay = (referred: Schema, node: Node): Schema => {
  const own: Partial<Schema> = {
    ...(node['default'] === undefined ? {} : { defaultValue: node['default'] }),
    ...(node['x-kubernetes-map-type'] === 'atomic' ? { atomicMap: true } : {}),
    ...(node['x-kubernetes-patch-strategy'] === undefined
      ? {}
      : { patchStrategies: node['x-kubernetes-patch-strategy'].split(',') }),
  };
  return Object.keys(own).length === 0 ? referred : { ...referred, ...own };
};

/** Follows the references between named schemas, each when it is first asked for. */
export const linkSchemas = (named: Readonly<Record<string, Fields>>): Find => {
  const linked = new Map<string, Schema>();
  const find: Find = (name) => {
    const known = linked.get(name);
    if (known !== undefined) return known;
    const raw = named[name];
    if (raw === undefined) throw new Error(`schema ${name} is missing; run hack/openapi/generate.ts again`);
    // Registered before it is filled: a schema may refer to itself (JSONSchemaProps does).
    const shell: Schema = { ...anything };
    linked.set(name, shell);
    return Object.assign(shell, convert(raw, find), name.endsWith('.MicroTime') ? { format: 'micro-time' } : {});
  };
  return find;
};

/** The schema of a custom resource as its CRD writes it (`openAPIV3Schema`). */
export const structuralSchema = (raw: Fields): Schema => convert(raw, noReferences);
