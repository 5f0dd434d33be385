/**
 * Where each rule of src/api/cel-rules.ts stands: for the documentation, and for the test that tries every one of them.
 *
 * @module
 */
import * as z from 'zod';
import { celRules } from '../../src/api/cel-rules.ts';
import type { CelRule } from '../../src/api/cel-rules.ts';
import { featureServerSpecSchema } from '../../src/api/featureserver.ts';

export interface PlacedRule extends CelRule {
  /** `spec.pool.threads`; `[]` stands for an entry of a list, `{}` for a value of a map, empty for the object itself. */
  path: string;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;
const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

const children = (schema: JsonSchema, path: string): [string, unknown][] => [
  ...Object.entries(schema.properties ?? {}).map(([name, child]): [string, unknown] => [`${path}.${name}`, child]),
  [`${path}[]`, schema.items],
  [`${path}{}`, schema.additionalProperties],
];

const collect = (schema: JsonSchema, path: string): PlacedRule[] => {
  const own = (schema['x-kubernetes-validations'] ?? []) as readonly CelRule[];
  return [
    ...own.map((rule) => ({ ...rule, path })),
    ...children(schema, path).flatMap(([at, child]) => (isSchema(child) ? collect(child, at) : [])),
  ];
};

/** Every rule at every place where it stands, in the order of the schema. */
export const placedRules = (): PlacedRule[] => [
  { ...celRules.name, path: '' },
  ...collect(z.toJSONSchema(featureServerSpecSchema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }), 'spec'),
];
