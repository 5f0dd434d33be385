/**
 * One feature view: its SQLite table `PROJECT_VIEW`, and what can be known of it without a registry.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeJoinKeys } from '../feast/entity-key.ts';
import type { JoinKey } from '../feast/entity-key.ts';

/** Rows looked at from each end of a table to learn its feature names. A full scan would take seconds on a big store. */
const sampledRows = 20_000;
/** Largest number of entity keys in one statement; SQLite allows 32,766 variables. */
const largestBatch = 1024;

/** One stored cell: index of the entity in the batch, feature, serialized value, event time. */
export type Row = [entity: number, feature: string, value: Uint8Array | null, eventTime: string | null];

export class View {
  readonly name: string;
  joinKeys: readonly JoinKey[] = [];
  /** Undefined for an empty table: then nothing is known of it, and nothing is refused. */
  features: ReadonlySet<string> | undefined;
  private readonly database: DatabaseSync;
  private readonly table: string;
  private readonly statements = new Map<number, StatementSync>();

  constructor(database: DatabaseSync, table: string, name: string) {
    this.database = database;
    this.table = `"${table.replaceAll('"', '""')}"`;
    this.name = name;
    this.learn();
  }

  /** Looks at the rows: which join keys, which features. Takes some 10 ms on a large table. */
  learn(): void {
    this.joinKeys = this.readJoinKeys();
    this.features = this.sampleFeatures();
  }

  /**
   * Reads all stored features of a batch of entities: one query for each 1,024 of them.
   * @param keys serialized entity keys; the rows' first column is the index into them
   */
  read(keys: readonly Buffer[]): Row[] {
    if (keys.length <= largestBatch) return this.readBatch(keys);
    const rows: Row[] = [];
    for (let start = 0; start < keys.length; start += largestBatch) {
      for (const [entity, ...rest] of this.readBatch(keys.slice(start, start + largestBatch))) rows.push([entity + start, ...rest]);
    }
    return rows;
  }

  private readBatch(keys: readonly Buffer[]): Row[] {
    // Sizes are rounded up to a power of two, so that at most eleven statements are kept; the rest is NULL, which equals no key.
    const size = 2 ** Math.ceil(Math.log2(keys.length));
    const parameters: (Buffer | null)[] = [...keys];
    while (parameters.length < size) parameters.push(null);
    return this.statement(size).all(...parameters).map(toRow);
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

  private readJoinKeys(): JoinKey[] {
    const row = this.database.prepare(`SELECT entity_key FROM ${this.table} LIMIT 1`).get();
    const key = row?.['entity_key'];
    return key instanceof Uint8Array ? (decodeJoinKeys(Buffer.from(key)) ?? []) : [];
  }

  private sampleFeatures(): Set<string> | undefined {
    const sample = `SELECT DISTINCT feature_name FROM (SELECT feature_name FROM ${this.table} ORDER BY rowid`;
    const names = new Set<string>();
    for (const order of ['ASC', 'DESC']) {
      const rows = this.database.prepare(`${sample} ${order} LIMIT ${sampledRows})`).all();
      for (const row of rows) names.add(String(row['feature_name']));
    }
    return names.size > 0 ? names : undefined;
  }
}

/** A row that a foreign writer stored with another type reads as missing, not as an error of the whole batch. */
function toRow(row: unknown): Row {
  const [entity, feature, value, eventTime] = Array.isArray(row) ? (row as unknown[]) : [];
  return [Number(entity), String(feature), value instanceof Uint8Array ? value : null, typeof eventTime === 'string' ? eventTime : null];
}
