/**
 * The sentences with which a refused field is named, worded as a Kubernetes API server words them: people search for these.
 *
 * @module
 */
import type { Cause } from '../status-error.ts';

/** A value as it stands in a sentence. */
export const shown = (value: unknown): string => JSON.stringify(value) ?? 'null';

export const invalidValue = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${shown(value)}: ${why}`,
});

export const requiredValue = (field: string, why = ''): Cause => ({
  reason: 'FieldValueRequired',
  field,
  message: why === '' ? 'Required value' : `Required value: ${why}`,
});

export const forbiddenValue = (field: string, why: string): Cause => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${why}`,
});

export const duplicateValue = (field: string, value: unknown): Cause => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${shown(value)}`,
});

export const unsupportedValue = (field: string, value: unknown, supported: readonly unknown[]): Cause => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
});

/** A value that would not even decode. */
export const wrongType = (field: string, value: unknown, expected: string): Cause => ({
  reason: 'FieldValueTypeInvalid',
  field,
  message: `Invalid value: "${typeName(value)}": ${field} in body must be of type ${expected}: "${typeName(value)}"`,
});

export const typeName = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'bigint' ? 'integer' : typeof value;
};
