/**
 * The JSON Schemas of what goes into and comes out of `plateau recommend`, and of a recorded decision.
 *
 * @module
 */
import * as z from 'zod';
import { anyNumber } from '../../src/core/decisions/any-number.ts';
import { recommendInputSchema } from '../../src/core/decisions/input-schema.ts';
import { recommendationSchema } from '../../src/core/decisions/output-schema.ts';
import { decisionRecordSchema } from '../../src/core/decisions/record.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const number = { $ref: '#/$defs/number' };
const definitions = {
  number: { description: 'A number, or a word for one that JSON cannot hold.', anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] },
};

/** With a description a schema is another one, and knows which it was. */
const isNumber = (schema: z.core.$ZodType): boolean => schema === anyNumber || schema._zod.parent === anyNumber;

const replaceBy = (target: JsonSchema, content: JsonSchema): void => {
  const { description } = target;
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, content, description === undefined ? {} : { description });
};

const describe = (title: string, schema: z.ZodType): string => {
  const { $schema, ...body } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      if (isNumber(zodSchema)) replaceBy(jsonSchema, number);
    },
  });
  return `${JSON.stringify({ $schema, title, ...body, $defs: definitions }, null, 2)}\n`;
};

/** The published schemas, by path. */
export const decisionSchemas = (): { path: string; content: string }[] => [
  { path: 'docs/recommend.schema.json', content: describe('A line of input of plateau recommend', recommendInputSchema) },
  { path: 'docs/recommendation.schema.json', content: describe('A line of output of plateau recommend', recommendationSchema) },
  { path: 'docs/decision-record.schema.json', content: describe('A line of plateau operator --decisions', decisionRecordSchema) },
];
