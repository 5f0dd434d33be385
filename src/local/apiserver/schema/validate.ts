/**
 * Validation of a value against its schema. CEL rules are in rules.ts.
 *
 * @module
 */
import { canonicalJson, fieldsOf, isFields, type Fields } from '../json.ts';
import type { Cause } from '../status-error.ts';
import { duplicateValue, requiredValue, typeName, unsupportedValue, wrongType } from './causes.ts';
import { checkLimits } from './limits.ts';
import type { Schema } from './schema.ts';

export interface ValidateOptions {
  /** Whether absent required fields are refused; a built-in kind's status may lack them. */
  readonly requireFields: (path: string) => boolean;
}

const fits = (schema: Schema, value: unknown): boolean => {
  if (schema.intOrString) return typeof value === 'string' || Number.isInteger(value);
  const actual = typeName(value);
  return schema.type === undefined || actual === schema.type || (schema.type === 'number' && actual === 'integer');
};

const expectedType = (schema: Schema): string => (schema.intOrString ? 'integer,string' : (schema.type ?? 'object'));

/** Everything in which a value breaks its schema. The list is empty when it is right. */
export const validateSchema = (schema: Schema, value: unknown, path: string, options: ValidateOptions): readonly Cause[] => {
  if (value === null && schema.nullable) return [];
  if (!fits(schema, value)) return [wrongType(path, value, expectedType(schema))];
  const causes = [...checkEnum(schema, value, path), ...checkLimits(schema, value, path)];
  if (Array.isArray(value)) return [...causes, ...validateList(schema, value, path, options)];
  return isFields(value) ? [...causes, ...validateFields(schema, value, path, options)] : causes;
};

const checkEnum = (schema: Schema, value: unknown, path: string): readonly Cause[] => {
  const allowed = schema.limits.enum;
  return allowed === undefined || allowed.includes(value) ? [] : [unsupportedValue(path, value, allowed)];
};

const validateFields = (schema: Schema, fields: Fields, path: string, options: ValidateOptions): readonly Cause[] => {
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const missing = options.requireFields(path)
    ? schema.required.filter((name) => fields[name] === undefined).map((name) => requiredValue(below(name)))
    : [];
  const causes = Object.entries(fields).flatMap(([name, value]) => {
    const member = schema.properties.get(name) ?? schema.additional;
    if (member === undefined) return [];
    return validateSchema(member, value, schema.properties.has(name) ? below(name) : `${path}.${name}`, options);
  });
  return [...missing, ...causes];
};

const validateList = (schema: Schema, list: readonly unknown[], path: string, options: ValidateOptions): readonly Cause[] => {
  const { items } = schema;
  const causes = items === undefined ? [] : list.flatMap((item, index) => validateSchema(items, item, `${path}[${index}]`, options));
  return [...causes, ...duplicates(schema, list, path)];
};

const duplicates = (schema: Schema, list: readonly unknown[], path: string): readonly Cause[] => {
  if (schema.listType === 'atomic') return [];
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const key = schema.listType === 'set' ? item : Object.fromEntries(schema.listMapKeys.map((name) => [name, fieldsOf(item)[name]]));
    const text = canonicalJson(key);
    if (seen.has(text)) return [duplicateValue(`${path}[${index}]`, key)];
    seen.add(text);
    return [];
  });
};
