/**
 * What an answer means, apart from the order of columns and the way numbers are written.
 *
 * @module
 */
import * as z from 'zod';

/** An answer of either server. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

const columnSchema = z.object({ values: z.array(z.unknown()), statuses: z.array(z.string()), event_timestamps: z.array(z.string()).optional() });
const featuresSchema = z.strictObject({ results: z.array(columnSchema), metadata: z.strictObject({ feature_names: z.array(z.string()) }) });
const feastErrorSchema = z.strictObject({ module: z.string(), class: z.string(), message: z.string() });
const validationSchema = z.strictObject({ detail: z.array(z.looseObject({ type: z.string(), loc: z.array(z.unknown()) })) });

/** An integer of any size stays exact and apart from a float: the SDK makes int64 of one and double of the other. */
const exactNumber = (_key: string, value: unknown, context?: { source?: string }): unknown => {
  if (typeof value === 'string') return `text ${value}`;
  if (typeof value !== 'number') return value;
  const source = context?.source ?? '';
  if (/^-?\d+$/.test(source)) return `integer ${BigInt(source)}`;
  return Object.is(value, -0) ? 'float -0' : `float ${value}`;
};

/**
 * Comparable form of an answer: columns by name; errors as far as Feast's clients read them.
 *
 * The SDK rebuilds `{module, class, message}`; of validation errors the type and place are compared; of a plain 500 that it is a JSON string
 * (the SDK shows its text and reads nothing in it).
 */
export const meaningOf = ({ status, text }: Pick<Answer, 'status' | 'text'>): unknown => {
  if (text === '') return { status };
  if (status === 200) return { status, columns: columnsOf(text) };
  const body: unknown = JSON.parse(text);
  const invalid = validationSchema.safeParse(body);
  if (invalid.success) return { status, problems: invalid.data.detail.map(({ type, loc }) => ({ type, loc })) };
  if (typeof body !== 'string') return { status, body };
  const feastError = feastErrorSchema.safeParse(parseOrUndefined(body));
  return feastError.success ? { status, error: { ...feastError.data, message: withSortedNames(feastError.data.message) } } : { status, body: 'some sentence' };
};

/** Feast lists names that collide in the order of a Python set, another one in each process. */
const withSortedNames = (message: string): string =>
  message.replace(/^(Duplicate features named )(.*)( found\.)/, (_whole, before: string, names: string, after: string) => `${before}${names.split(', ').toSorted().join(', ')}${after}`);

const parseOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const columnsOf = (text: string): unknown => {
  const { metadata } = featuresSchema.parse(JSON.parse(text));
  const { results } = z.object({ results: z.array(z.unknown()) }).parse(JSON.parse(text, exactNumber));
  // A pair for each column and not a mapping: a name that comes twice must come twice on both sides.
  const columns = metadata.feature_names.map((name, index) => [name, results[index]] as const);
  return { count: results.length, columns: columns.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))) };
};
