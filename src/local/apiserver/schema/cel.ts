/**
 * CEL as CRDs use it: one environment, expressions compiled once, JSON values with the types their schema gives them.
 *
 * @module
 */
import { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from './quantity.ts';
import { isFields, type Fields } from '../json.ts';
import { anything, type Schema } from './schema.ts';

/** A Kubernetes quantity inside an expression, in base units. */
class Quantity {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

const createEnvironment = (): Environment =>
  new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerType('Quantity', Quantity)
    .registerFunction('quantity(string): Quantity', (text: string) => new Quantity(parseQuantity(text) ?? Number.NaN))
    .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
    .registerFunction('Quantity.isGreaterThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value > b.value)
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value < b.value)
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) => BigInt(Math.sign(a.value - b.value)));

let environment: Environment | undefined;

export interface Variables {
  readonly self: unknown;
  readonly oldSelf?: unknown;
}

/** A compiled expression. It throws when it cannot be evaluated with these values. */
export type Expression = (variables: Variables) => unknown;

const compiled = new Map<string, Expression>();

/** Compiles an expression, or gives back the one compiled before. Throws when the expression is wrong. */
export const compile = (text: string): Expression => {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  environment ??= createEnvironment();
  const parsed = environment.parse(text);
  const expression: Expression = (variables) => {
    const result: unknown = parsed({ ...variables });
    return result;
  };
  compiled.set(text, expression);
  return expression;
};

/** Integers are `int` where the schema says so, and where no schema says anything; other numbers are `double`. */
const toCelNumber = (schema: Schema, value: number): number | bigint =>
  schema.type !== 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;

/** A JSON value as CEL sees it. */
export const toCel = (schema: Schema, value: unknown): unknown => {
  if (typeof value === 'number') return toCelNumber(schema, value);
  if (Array.isArray(value)) return value.map((item: unknown) => toCel(schema.items ?? anything, item));
  if (!isFields(value)) return value;
  const fields: Fields = {};
  for (const [name, member] of Object.entries(value)) {
    fields[name] = toCel(schema.properties.get(name) ?? schema.additional ?? anything, member);
  }
  return fields;
};
