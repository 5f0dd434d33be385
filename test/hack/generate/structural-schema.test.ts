import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { structuralSchema } from '../../../hack/generate/structural-schema.ts';
import type { StructuralSchema } from '../../../hack/generate/structural-schema.ts';
import { featureServerStatusSchema } from '../../../src/api/featureserver-status.ts';
import { featureServerSpecSchema } from '../../../src/api/featureserver.ts';

const of = (schema: z.ZodType) => structuralSchema(schema, 'spec');

describe('structuralSchema', () => {
  it.each<[string, z.ZodType, StructuralSchema]>([
    ['an integer by its format, without the bounds of a double', z.int(), { type: 'integer', format: 'int64' }],
    ['a bounded integer', z.int().min(1).max(9), { type: 'integer', format: 'int32', minimum: 1, maximum: 9 }],
    ['a number', z.number().min(0).max(1), { type: 'number', minimum: 0, maximum: 1 }],
    ['int-or-string', z.union([z.int(), z.string()]), { 'x-kubernetes-int-or-string': true }],
    ['an open object', z.looseObject({}), { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }],
    ['a closed object, without additionalProperties', z.strictObject({ a: z.string() }), { type: 'object', required: ['a'], properties: { a: { type: 'string' } } }],
    ['a map', z.record(z.string(), z.string()), { type: 'object', additionalProperties: { type: 'string' } }],
    ['a list', z.array(z.boolean()).max(3), { type: 'array', maxItems: 3, items: { type: 'boolean' } }],
    ['an enum', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    ['a description', z.string().describe('what'), { type: 'string', description: 'what' }],
  ])('%s', (_name, schema, expected) => {
    expect(of(schema)).toEqual(expected);
  });

  it('writes the defaults inside a default out, since the API server judges it as it is written', () => {
    const inner = z.object({ a: z.int().default(1), b: z.string().optional() }).prefault({});
    expect(of(z.object({ outer: inner })).properties?.['outer']?.default).toEqual({ a: 1 });
  });

  it('keeps rule and message and drops the id, which the API server would refuse', () => {
    const schema = z.string().meta({ 'x-kubernetes-validations': [{ id: 'x', rule: 'true', message: 'm' }] });
    expect(of(schema)['x-kubernetes-validations']).toEqual([{ rule: 'true', message: 'm' }]);
  });

  it.each<[string, z.ZodType]>([
    ['a union', z.union([z.object({ a: z.string() }), z.string()])],
    ['a tuple', z.tuple([z.string(), z.int()])],
    ['anything', z.unknown()],
    ['a pattern', z.string().regex(/^a$/u)],
    ['a format that is a pattern', z.email()],
  ])('refuses %s by the path of the field', (_name, schema) => {
    expect(() => of(z.object({ field: schema }))).toThrow(/^spec\.field(\[\])?: /u);
  });
});

describe('the schema of spec and status', () => {
  const walk = (schema: StructuralSchema, path: string): [string, StructuralSchema][] => [
    [path, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => walk(child, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : walk(schema.items, `${path}[]`)),
    ...(schema.additionalProperties === undefined ? [] : walk(schema.additionalProperties, `${path}{}`)),
  ];
  const all = [...walk(of(featureServerSpecSchema), 'spec'), ...walk(of(featureServerStatusSchema), 'status')];

  it('describes every field, for kubectl explain', () => {
    expect(all.filter(([path, { description }]) => path.includes('.') && !/[\]}]$/u.test(path) && description === undefined).map(([path]) => path)).toEqual([]);
  });

  it('gives no field of the status a default: nobody but the operator speaks in it', () => {
    expect(all.filter(([path, schema]) => path.startsWith('status') && 'default' in schema).map(([path]) => path)).toEqual([]);
  });

  it('bounds every list', () => {
    expect(all.filter(([, { type, maxItems }]) => type === 'array' && maxItems === undefined).map(([path]) => path)).toEqual([]);
  });
});
