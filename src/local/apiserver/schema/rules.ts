/**
 * The CEL rules of a custom resource (`x-kubernetes-validations`).
 *
 * @module
 */
import { at, fieldsOf, isFields, jsonEqual, listOf, type Fields } from '../json.ts';
import type { Cause } from '../status-error.ts';
import { canonicalJson } from '../json.ts';
import { compile, toCel, type Variables } from './cel.ts';
import { anything, type Schema, type ValidationRule } from './schema.ts';

/** True when a rule compares with the value before: it is asked only when there is one. */
const isTransition = ({ rule }: ValidationRule): boolean => /\boldSelf\b/u.test(rule);

const reasons: Readonly<Record<string, Cause['reason']>> = {
  FieldValueRequired: 'FieldValueRequired',
  FieldValueForbidden: 'FieldValueForbidden',
  FieldValueDuplicate: 'FieldValueDuplicate',
};

const celType = (schema: Schema): string => (schema.intOrString ? '' : (schema.type ?? 'object'));

const prefixes: Readonly<Record<Cause['reason'], string>> = {
  FieldValueRequired: 'Required value',
  FieldValueForbidden: 'Forbidden',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldManagerConflict: 'Conflict',
};

const refusal = (schema: Schema, rule: ValidationRule, path: string, sentence: string): Cause => {
  const reason = reasons[rule.reason ?? ''] ?? 'FieldValueInvalid';
  const field = `${path}${rule.fieldPath ?? ''}`.replace(/^\./u, '');
  const value = reason === 'FieldValueInvalid' || reason === 'FieldValueDuplicate' ? `: ${JSON.stringify(celType(schema))}` : '';
  return { reason, field: field === '' ? '<nil>' : field, message: `${prefixes[reason]}${value}: ${sentence}` };
};

const sentenceOf = (rule: ValidationRule, variables: Variables): string => {
  const fallback = rule.message ?? `failed rule: ${rule.rule}`;
  if (rule.messageExpression === undefined) return fallback;
  try {
    const text = compile(rule.messageExpression)(variables);
    return typeof text === 'string' && text !== '' ? text : fallback;
  } catch {
    return fallback;
  }
};

const checkRule = (schema: Schema, rule: ValidationRule, path: string, variables: Variables): readonly Cause[] => {
  try {
    if (compile(rule.rule)(variables) === true) return [];
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return [refusal(schema, rule, path, `${why} evaluating rule: ${rule.message ?? rule.rule}`)];
  }
  return [refusal(schema, rule, path, sentenceOf(rule, variables))];
};

/** At the root a rule sees of the metadata only the name: everything else may change without the rule being asked. */
const visible = (value: unknown, path: string): unknown => {
  if (path !== '' || !isFields(value)) return value;
  const { name, generateName } = fieldsOf(value['metadata']);
  return { ...value, metadata: { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) } };
};

const checkHere = (schema: Schema, value: unknown, old: unknown, path: string): readonly Cause[] => {
  if (schema.rules.length === 0) return [];
  const self = toCel(schema, visible(value, path));
  const before = old === undefined ? {} : { oldSelf: toCel(schema, visible(old, path)) };
  // A value that stays as it was is not refused by a rule that came later (ratcheting).
  const unchanged = old !== undefined && jsonEqual(visible(value, path), visible(old, path));
  return schema.rules
    .filter((rule) => (isTransition(rule) ? old !== undefined : !unchanged))
    .flatMap((rule) => checkRule(schema, rule, path, { self, ...before }));
};

/** The old item that is the same as a new one: by key in a map list, by value in a set, unknown in an atomic list. */
const oldItem = (schema: Schema, old: unknown, item: unknown): unknown => {
  if (schema.listType !== 'map') return undefined;
  const keyOf = (value: unknown): string => canonicalJson(schema.listMapKeys.map((name) => fieldsOf(value)[name]));
  const key = keyOf(item);
  return listOf(old).find((candidate) => keyOf(candidate) === key);
};

const checkBelow = (schema: Schema, value: unknown, old: unknown, path: string): readonly Cause[] => {
  if (Array.isArray(value)) {
    const items = schema.items ?? anything;
    return value.flatMap((item: unknown, index) => check(items, item, oldItem(schema, old, item), `${path}[${index}]`));
  }
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const property = schema.properties.get(name) ?? schema.additional;
    if (property === undefined) return [];
    const below = path === '' ? name : schema.properties.has(name) ? `${path}.${name}` : `${path}[${name}]`;
    return check(property, member, at(old, name), below);
  });
};

const check = (schema: Schema, value: unknown, old: unknown, path: string): readonly Cause[] =>
  value === null ? [] : [...checkHere(schema, value, old, path), ...checkBelow(schema, value, old, path)];

/** Every rule that an object breaks. `old` is absent when it is created. */
export const checkRules = (schema: Schema, object: Fields, old: Fields | undefined): readonly Cause[] => check(schema, object, old, '');

/** The expressions of a schema that cannot be compiled, with why. */
export const uncompilable = (schema: Schema, path = ''): readonly (readonly [path: string, why: string])[] => {
  const here = schema.rules.flatMap(({ rule }, index): (readonly [string, string])[] => {
    try {
      compile(rule);
      return [];
    } catch (error) {
      return [[`${path}.x-kubernetes-validations[${index}].rule`, error instanceof Error ? error.message : String(error)]];
    }
  });
  const below = [...schema.properties].flatMap(([name, property]) => uncompilable(property, `${path}.properties[${name}]`));
  const items = schema.items === undefined ? [] : uncompilable(schema.items, `${path}.items`);
  const additional = schema.additional === undefined || schema.additional === anything ? [] : uncompilable(schema.additional, `${path}.additionalProperties`);
  return [...here, ...below, ...items, ...additional];
};
