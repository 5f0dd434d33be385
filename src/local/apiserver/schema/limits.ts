/**
 * Bounds, lengths, patterns and formats.
 *
 * @module
 */
import { isFields } from '../json.ts';
import type { Cause } from '../status-error.ts';
import { invalidValue, shown } from './causes.ts';
import type { Limits, Schema } from './schema.ts';

const patterns = new Map<string, RegExp>();
const compiled = (pattern: string): RegExp => {
  let regex = patterns.get(pattern);
  if (regex === undefined) patterns.set(pattern, (regex = new RegExp(pattern, 'u')));
  return regex;
};

/** Causes for one value against the limits of its schema, without its members. */
export const checkLimits = (schema: Schema, value: unknown, path: string): readonly Cause[] => {
  const { limits } = schema;
  if (typeof value === 'number') return checkNumber(schema, value, path);
  if (typeof value === 'string') return [...checkString(limits, value, path), ...checkFormat(schema.format, value, path)];
  if (Array.isArray(value)) return checkCount(value.length, [limits.minItems, limits.maxItems], { path, value, noun: 'items' });
  if (isFields(value)) {
    const bounds = [limits.minProperties, limits.maxProperties] as const;
    return checkCount(Object.keys(value).length, bounds, { path, value, noun: 'properties' });
  }
  return [];
};

const int32 = 2 ** 31;

const belowMinimum = ({ minimum, exclusiveMinimum = false }: Limits, value: number): string | undefined => {
  if (minimum === undefined || value > minimum || (value === minimum && !exclusiveMinimum)) return undefined;
  return `greater than${exclusiveMinimum ? '' : ' or equal to'} ${minimum}`;
};

const aboveMaximum = ({ maximum, exclusiveMaximum = false }: Limits, value: number): string | undefined => {
  if (maximum === undefined || value < maximum || (value === maximum && !exclusiveMaximum)) return undefined;
  return `less than${exclusiveMaximum ? '' : ' or equal to'} ${maximum}`;
};

const otherNumberProblem = ({ limits: { multipleOf }, format, intOrString }: Schema, value: number): string | undefined => {
  if (multipleOf !== undefined && value % multipleOf !== 0) return `a multiple of ${multipleOf}`;
  return format === 'int32' && !intOrString && (value >= int32 || value < -int32) ? 'a 32-bit integer' : undefined;
};

const checkNumber = (schema: Schema, value: number, path: string): readonly Cause[] =>
  [belowMinimum(schema.limits, value), aboveMaximum(schema.limits, value), otherNumberProblem(schema, value)]
    .filter((problem) => problem !== undefined)
    .map((problem) => invalidValue(path, value, `${path} in body should be ${problem}`));

const checkString = ({ minLength, maxLength, pattern }: Limits, value: string, path: string): readonly Cause[] => {
  const length = Array.from(value).length;
  const causes: Cause[] = [];
  if (minLength !== undefined && length < minLength) {
    causes.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (maxLength !== undefined && length > maxLength) {
    causes.push({ reason: 'FieldValueInvalid', field: path, message: `Too long: may not be more than ${maxLength} bytes` });
  }
  if (pattern !== undefined && !compiled(pattern).test(value)) {
    causes.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  }
  return causes;
};

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/u;
/** Go's MicroTime reads six digits of a second and nothing else. */
const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(?:Z|[+-]\d{2}:\d{2})$/u;

const checkFormat = (format: string | undefined, value: string, path: string): readonly Cause[] => {
  if (format === 'date-time' && !rfc3339.test(value)) {
    return [{ reason: 'FieldValueTypeInvalid', field: path, message: `Invalid value: ${shown(value)}: must be a date-time such as 2006-01-02T15:04:05Z` }];
  }
  if (format === 'micro-time' && !microTime.test(value)) {
    return [
      {
        reason: 'FieldValueTypeInvalid',
        field: path,
        message: `Invalid value: ${shown(value)}: must be a time with six digits of a second such as 2006-01-02T15:04:05.000000Z`,
      },
    ];
  }
  return [];
};

interface Counted {
  readonly path: string;
  readonly value: unknown;
  readonly noun: 'items' | 'properties';
}

const checkCount = (
  count: number,
  [least, most]: readonly [number | undefined, number | undefined],
  { path, value, noun }: Counted,
): readonly Cause[] => {
  if (least !== undefined && count < least) {
    return [invalidValue(path, value, `${path} in body should have at least ${least} ${noun}`)];
  }
  if (most !== undefined && count > most) {
    return [{ reason: 'FieldValueInvalid', field: path, message: `Too many: ${count}: must have at most ${most} ${noun}` }];
  }
  return [];
};
