/**
 * A column of a request's `entities`, converted as Feast converts it (its `type_map.py`): what it echoes, and what its entity keys are made of.
 *
 * @module
 */
import { valueType } from '../definitions/value-types.ts';
import { mostDigits, stringifyExact, WholeFloat } from './exact-json.ts';
import { pythonError, pythonRepr } from './refusal.ts';

/** A value of an entity key; null where Feast has none. */
export type KeyValue = string | number | bigint | null;

export interface KeyColumn {
  /** Feast's `ValueType` number of the values; only 2, 3, 4 and 8 can stand in an entity key. */
  readonly type: number;
  readonly values: readonly KeyValue[];
  /** The values as answers show them. */
  readonly json: readonly string[];
}

/**
 * Converts a column.
 *
 * @param type what the feature views of the request say; 0 where they say nothing, then the first value decides, as in Feast
 * @throws Refusal 500 with Python's message
 */
export function convertColumn(values: readonly unknown[], type: number): KeyColumn {
  const known = type === valueType.unknown ? inferType(values) : type;
  if (known === valueType.string) return convertTexts(values);
  if (known === valueType.int64 || known === valueType.int32 || known === valueType.timestamp) return convertIntegers(values, known);
  if (known === valueType.bytes) return refuseBytes(values);
  return convertOthers(values, known);
}

/** Neither null nor an empty list or object. */
const sampleOf = (values: readonly unknown[]): unknown => values.find((value) => value !== null && !isEmpty(value));

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function inferType(values: readonly unknown[]): number {
  const sample = sampleOf(values);
  if (sample === undefined && values.some((value) => value !== null)) throw pythonError("Couldn't infer value type from empty value");
  if (typeof sample === 'string') return valueType.string;
  if (typeof sample === 'boolean') return valueType.bool;
  if (typeof sample === 'bigint') return valueType.int64;
  if (typeof sample === 'number') return Number.isInteger(sample) ? valueType.int64 : valueType.double;
  if (sample instanceof WholeFloat) return valueType.double;
  return valueType.unknown;
}

/** Feast takes lists and objects in a column of single values for null. */
const isNull = (value: unknown): boolean => typeof value === 'object' && !(value instanceof WholeFloat);

function convertTexts(values: readonly unknown[]): KeyColumn {
  const texts = values.map((value) => (isNull(value) ? null : pythonText(value)));
  return { type: valueType.string, values: texts, json: texts.map((text) => (text === null ? 'null' : JSON.stringify(text))) };
}

function convertIntegers(values: readonly unknown[], type: number): KeyColumn {
  const bits = type === valueType.int32 ? 32 : 64;
  const integers: KeyValue[] = [];
  const json: string[] = [];
  for (const value of values) {
    const integer = isNull(value) ? null : inRange(type === valueType.timestamp ? toTimestamp(value) : toInteger(value), bits);
    integers.push(integer);
    json.push(String(integer));
  }
  return { type, values: integers, json };
}

const inRange = (value: number | bigint, bits: number): number | bigint => {
  const fits = typeof value === 'number' ? bits === 64 || value === (value | 0) : BigInt.asIntN(bits, value) === value;
  if (!fits) throw pythonError(`Value out of range: ${value}`);
  return value;
};

const noTimestamp = -(2n ** 63n);

/** Feast takes any float for a missing time. */
const toTimestamp = (value: unknown): number | bigint => (isFloat(value) ? noTimestamp : toInteger(value));

const isFloat = (value: unknown): boolean => value instanceof WholeFloat || (typeof value === 'number' && !Number.isInteger(value));

/** Python's `int(value)`: a number where that is exact, else a bigint. */
function toInteger(value: unknown): number | bigint {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : exact(truncate(value));
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof WholeFloat) return exact(truncate(value.value));
  return exact(fromText(String(value)));
}

const truncate = (value: number): bigint => {
  if (!Number.isFinite(value)) throw pythonError('cannot convert float infinity to integer');
  return BigInt(Math.trunc(value));
};

const exact = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const wholeNumber = /^\s*[+-]?\d+(_\d+)*\s*$/;

function fromText(text: string): bigint {
  if (text.length > mostDigits) throw pythonError(`Exceeds the limit (${mostDigits} digits) for integer string conversion: value has ${text.length} digits`);
  if (wholeNumber.test(text)) return BigInt(text.trim().replaceAll('_', '').replace(/^\+/, ''));
  throw pythonError(`invalid literal for int() with base 10: ${pythonRepr(text)}`);
}

/** Python's `str(value)`, refused where protobuf refuses it. */
function pythonText(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'boolean' ? (value ? 'True' : 'False') : pythonNumber(value);
  if (value.isWellFormed()) return value;
  // With the u flag a pair counts as one character, so only lone halves are found.
  const [lone = '', before = ''] = /^(.*?)\p{Cs}/su.exec(value) ?? [];
  const code = lone.charCodeAt(before.length).toString(16);
  throw pythonError(`'utf-8' codec can't encode character '\\u${code}' in position ${Array.from(before).length}: surrogates not allowed`);
}

/** Python writes exponents from 1e16 and below 1e-4, with two digits at least. */
function pythonNumber(value: unknown): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** JSON has no bytes; Feast's own words. */
function refuseBytes(values: readonly unknown[]): KeyColumn {
  const sample = values.find((value) => !isNull(value));
  if (sample === undefined) return { type: valueType.bytes, values: values.map(() => null), json: values.map(() => 'null') };
  throw pythonError(`Type \`<class '${pythonClass(sample)}'>\` not in {<class 'bytes'>}`);
}

const pythonClass = (value: unknown): string => {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return isFloat(value) ? 'float' : 'int';
};

/** Types that no entity key can have; the values are only echoed. */
function convertOthers(values: readonly unknown[], type: number): KeyColumn {
  const json = values.map((value) => echo(value, type));
  return { type, values: values.map((value, row) => (value === null || json[row] === 'null' ? null : (json[row] ?? null))), json };
}

function echo(value: unknown, type: number): string {
  const scalar = type !== valueType.unknown;
  if (scalar && isNull(value)) return 'null';
  if (type === valueType.bool) return echoBoolean(value);
  if (type === valueType.double) return echoFloat(value);
  return stringifyExact(scalar && typeof value === 'boolean' ? Number(value) : value);
}

const echoFloat = (value: unknown): string => {
  if (typeof value === 'string') throw pythonError('must be real number, not str');
  if (value instanceof WholeFloat || isFloat(value)) return stringifyExact(value);
  return new WholeFloat(Number(value)).toString();
};

const echoBoolean = (value: unknown): string => {
  if (typeof value === 'string' || isFloat(value)) throw pythonError(`'${pythonClass(value)}' object cannot be interpreted as an integer`);
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) throw pythonError('Python int too large to convert to C long');
  return value === 0 || value === false ? 'false' : 'true';
};
