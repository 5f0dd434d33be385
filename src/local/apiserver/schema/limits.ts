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

const checkNumber = ({ limits, format, intOrString }: Schema, value: number, path: string): readonly Cause[] => {
  const { minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false, multipleOf } = limits;
  const bad = (why: string): Cause => invalidValue(path, value, `${path} in body should be ${why}`);
  const causes: Cause[] = [];
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    causes.push(bad(`greater than${exclusiveMinimum ? '' : ' or equal to'} ${minimum}`));
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    causes.push(bad(`less than${exclusiveMaximum ? '' : ' or equal to'} ${maximum}`));
  }
  if (multipleOf !== undefined && value % multipleOf !== 0) causes.push(bad(`a multiple of ${multipleOf}`));
  if (format === 'int32' && !intOrString && (value >= int32 || value < -int32)) causes.push(bad('a 32-bit integer'));
  return causes;
};

const checkString = ({ minLength, maxLength, pattern }: Limits, value: string, path: string): readonly Cause[] => {
  const length = [...value].length;
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
