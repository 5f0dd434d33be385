/**
 * zod → the structural OpenAPI schema that a CRD demands. Each rewrite below answers a refusal of the API server.
 *
 * @module
 */
import * as z from 'zod';
import type { CelRule } from '../../src/api/cel-rules.ts';

/** The part of a JSON schema that survives in a CRD. */
export interface StructuralSchema {
  description?: string;
  type?: string;
  format?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  required?: string[];
  properties?: Record<string, StructuralSchema>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: { rule: string; message: string }[];
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

const copied = [
  'description', 'default', 'enum', 'minLength', 'maxLength', 'maxItems', 'maxProperties', 'required',
  'x-kubernetes-list-type', 'x-kubernetes-list-map-keys',
] as const;

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

const isIntOrString = (schema: JsonSchema): boolean =>
  schema.anyOf?.length === 2 && schema.anyOf[0]?.type === 'integer' && schema.anyOf[1]?.type === 'string';

const int32Max = 2 ** 31 - 1;

/** zod bounds every integer by what a double holds; a CRD says that with a format. */
const integer = (schema: JsonSchema): StructuralSchema => {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
  return {
    type: 'integer',
    format: maximum <= int32Max && minimum >= -int32Max ? 'int32' : 'int64',
    ...(minimum > Number.MIN_SAFE_INTEGER ? { minimum } : {}),
    ...(maximum < Number.MAX_SAFE_INTEGER ? { maximum } : {}),
  };
};

const object = (schema: JsonSchema, path: string): StructuralSchema => {
  const open = isSchema(schema.additionalProperties) && Object.keys(schema.additionalProperties).length === 0;
  const properties = Object.entries(schema.properties ?? {}).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]));
  return {
    type: 'object',
    ...(properties.length > 0
      ? { properties: Object.fromEntries(properties.map(([name, child]) => [name, structural(child, `${path}.${name}`)])) }
      : {}),
    // "additionalProperties and properties are mutually exclusive": an open object says so with the extension.
    ...(open ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(!open && isSchema(schema.additionalProperties) ? { additionalProperties: structural(schema.additionalProperties, `${path}[]`) } : {}),
  };
};

const array = (schema: JsonSchema, path: string): StructuralSchema => {
  if (!isSchema(schema.items)) throw new TypeError(`${path}: a list in a CRD needs one schema for its items`);
  return { type: 'array', items: structural(schema.items, `${path}[]`) };
};

const number = (schema: JsonSchema): StructuralSchema => ({
  type: 'number',
  ...(schema.minimum === undefined ? {} : { minimum: schema.minimum }),
  ...(schema.maximum === undefined ? {} : { maximum: schema.maximum }),
});

const body = (schema: JsonSchema, path: string): StructuralSchema => {
  if (isIntOrString(schema)) return { 'x-kubernetes-int-or-string': true };
  switch (schema.type) {
    case 'object':
      return object(schema, path);
    case 'array':
      return array(schema, path);
    case 'integer':
      return integer(schema);
    case 'number':
      return number(schema);
    case 'string':
    case 'boolean':
      return { type: schema.type };
    default:
      throw new TypeError(
        `${path}: a CRD cannot express ${JSON.stringify(schema).slice(0, 120)}; use optional fields side by side and a rule in src/api/cel-rules.ts`,
      );
  }
};

/** The id of a rule is ours: tests and docs find a rule by it. The API server would refuse it. */
const validations = (schema: JsonSchema): StructuralSchema => {
  const rules = schema['x-kubernetes-validations'] as readonly CelRule[] | undefined;
  return rules === undefined ? {} : { 'x-kubernetes-validations': rules.map(({ rule, message }) => ({ rule, message })) };
};

/** The API server evaluates rules on a default as it is written, before the defaults inside it are filled in: so they are written out. */
const withInnerDefaults = (schema: StructuralSchema): StructuralSchema => {
  if (schema.type !== 'object' || schema.default === undefined) return schema;
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => (child.default === undefined ? [] : [[name, child.default] as const]));
  return { ...schema, default: { ...Object.fromEntries(inner), ...schema.default } };
};

const structural = (schema: JsonSchema, path: string): StructuralSchema => {
  if (schema.pattern !== undefined) throw new TypeError(`${path}: a pattern answers with a regular expression; use a rule with a sentence in src/api/cel-rules.ts`);
  const own = Object.fromEntries(copied.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
  return withInnerDefaults({ ...own, ...body(schema, path), ...validations(schema) });
};

/**
 * Structural schema of a zod schema, as a client may write it: fields with a default are optional.
 *
 * @throws TypeError naming the field, when a CRD cannot express it.
 */
export const structuralSchema = (schema: z.ZodType, path: string): StructuralSchema =>
  structural(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline', cycles: 'throw' }), path);
