/**
 * One feature view's SQLite table, `PROJECT_VIEW`.
 *
 * @module
 */
import { errorMessage } from '../error-message.ts';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asBuffer } from '../feast/wire.ts';
import { valueAt } from '../feast/value.ts';
import { UnreadableValue } from './online-store.ts';
import type { ViewFound, ViewRead } from './online-store.ts';
import { toRfc3339 } from './timestamp.ts';

/** Largest number of entity keys in one statement; SQLite allows 32,766 variables. */
const largestBatch = 1024;

export class ViewTable {
  private readonly database: DatabaseSync;
  private readonly table: string;
  private readonly statements = new Map<number, StatementSync>();
  /** Rows are written in batches: neighbours have the same time. */
  private lastTime: { stored: unknown; json: string } = { stored: undefined, json: '' };

  constructor(database: DatabaseSync, table: string) {
    this.database = database;
    this.table = `"${table.replaceAll('"', '""')}"`;
  }

  /**
   * Reads a batch of entities: one query for each 1,024 of them.
   * @throws UnreadableValue when a value is none of Feast's; Error when the table cannot be read
   */
  read({ view, features, keys }: ViewRead): ViewFound {
    const columns = new Map<string, (string | undefined)[]>();
    for (const feature of features) columns.set(feature, Array<string | undefined>(keys.length));
    const times = Array<string | undefined>(keys.length);
    for (let start = 0; start < keys.length; start += largestBatch) {
      for (const row of this.readBatch(keys.slice(start, start + largestBatch))) {
        const [entity, feature, value, time] = Array.isArray(row) ? (row as unknown[]) : [];
        const key = Number(entity) + start;
        times[key] = this.timeJson(time);
        const column = columns.get(String(feature));
        if (column !== undefined) column[key] = cellJson(`${view.name}:${String(feature)}`, value);
      }
    }
    return { values: features.map((feature) => columns.get(feature) ?? []), times };
  }

  private readBatch(keys: readonly Buffer[]): unknown[] {
    // Sizes are rounded up to a power of two, so that at most eleven statements are kept; the rest is NULL, which equals no key.
    const size = 2 ** Math.ceil(Math.log2(keys.length));
    const parameters: (Buffer | null)[] = [...keys];
    while (parameters.length < size) parameters.push(null);
    return this.statement(size).all(...parameters);
  }

  private statement(size: number): StatementSync {
    const kept = this.statements.get(size);
    if (kept !== undefined) return kept;
    const wanted = Array.from({ length: size }, (_, index) => `(${index},?)`).join(',');
    const statement = this.database.prepare(
      `WITH wanted(entity, key) AS (VALUES ${wanted})
       SELECT wanted.entity, stored.feature_name, stored.value, stored.event_ts
       FROM wanted CROSS JOIN ${this.table} AS stored ON stored.entity_key = wanted.key`,
    );
    statement.setReturnArrays(true);
    this.statements.set(size, statement);
    return statement;
  }

  private timeJson(stored: unknown): string {
    if (stored !== this.lastTime.stored) this.lastTime = { stored, json: `"${toRfc3339(stored)}"` };
    return this.lastTime.json;
  }
}

/** A cell that a foreign writer stored with another type reads as null, not as an error of the whole batch. */
function cellJson(name: string, value: unknown): string {
  if (!(value instanceof Uint8Array)) return 'null';
  try {
    return valueAt(asBuffer(value), 0, value.length);
  } catch (error) {
    throw new UnreadableValue(`${name} cannot be read: ${errorMessage(error)}`);
  }
}
