/**
 * Columns that a CRD defines.
 *
 * @module
 */
import * as z from 'zod';
import { at } from '../json.ts';
import type { Column } from '../kinds/definition.ts';
import { ageOf } from './age.ts';
import { compileJsonPath } from './json-path.ts';

const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  jsonPath: z.string(),
  format: z.string().optional(),
  description: z.string().optional(),
  priority: z.number().optional(),
});
export const printerColumnsSchema = z.array(columnSchema);
type PrinterColumn = z.infer<typeof columnSchema>;

const nameColumn: Column = { name: 'Name', type: 'string', format: 'name', value: (object) => at(object, 'metadata', 'name') };
const ageColumn: Column = { name: 'Age', type: 'date', value: (object, now) => ageOf(at(object, 'metadata', 'creationTimestamp'), now) };

const cell = (type: string, value: unknown, now: number): unknown => {
  if (value === undefined || value === null) return null;
  if (type === 'date') return ageOf(value, now);
  if (type === 'string') return typeof value === 'string' ? value : JSON.stringify(value);
  if (type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null;
  if (type === 'number') return typeof value === 'number' ? value : null;
  return typeof value === 'boolean' ? value : null;
};

const toColumn = ({ name, type, jsonPath, format, description, priority }: PrinterColumn): Column => {
  const find = compileJsonPath(jsonPath);
  return {
    name,
    type,
    ...(format === undefined ? {} : { format }),
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
    value: (object, now) => cell(type, find(object), now),
  };
};

/** The name and what the CRD adds; without additions the age. Throws when a JSONPath is not understood. */
export const customColumns = (columns: readonly PrinterColumn[]): readonly Column[] => [
  nameColumn,
  ...(columns.length === 0 ? [ageColumn] : columns.map(toColumn)),
];
