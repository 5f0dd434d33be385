/**
 * The online store of one process: a read-only SQLite file that may be absent at start, vanish, be replaced and come back.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { View } from './view.ts';

/** The store cannot be reached now; clients should come again. */
export class StoreUnavailable extends Error {}

/** Tables with the columns of Feast's; others that share the prefix are none of ours. */
const viewTables = `SELECT t.name AS name FROM sqlite_master AS t WHERE t.type = 'table' AND 4 =
  (SELECT count(*) FROM pragma_table_info(t.name) WHERE name IN ('entity_key', 'feature_name', 'value', 'event_ts'))`;

export class SqliteStore {
  private readonly path: string;
  private readonly project: string;
  private database: DatabaseSync | undefined;
  private identity = '';
  private version = -1;
  private turn = 0;
  private found = new Map<string, View>();
  private keyNames: string[] = [];
  /** Why the store is unavailable; undefined while it is well. */
  problem: string | undefined = 'the store has not been opened yet';

  constructor(path: string, project: string) {
    this.path = path;
    this.project = project;
  }

  /** The project's views, by name. */
  views(): ReadonlyMap<string, View> {
    if (this.database === undefined) throw new StoreUnavailable(this.problem ?? 'the store is closed');
    return this.found;
  }

  /** Names of all join keys of the project, sorted. */
  joinKeyNames(): readonly string[] {
    return this.keyNames;
  }

  /** Notices what happened to the file since the last call: gone, replaced, written to, back. Call it a few times a second. */
  check(): void {
    try {
      const { dev, ino } = statSync(this.path, { bigint: true });
      if (`${dev}:${ino}` !== this.identity || this.database === undefined) this.open(`${dev}:${ino}`);
      this.readSchemaIfChanged();
      this.problem = undefined;
    } catch (error) {
      this.lose(error);
    }
  }

  /** Closes the store after a failed read; `check` opens it again. */
  lose(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.problem = `online store ${this.path} cannot be read: ${message}`;
    this.close();
  }

  close(): void {
    this.database?.close();
    this.database = undefined;
    this.identity = '';
  }

  private open(identity: string): void {
    this.close();
    const database = new DatabaseSync(this.path, { readOnly: true });
    this.database = database;
    // 32 MiB of cache. No mmap_size: a mapped file that someone truncates would kill the process.
    database.exec('PRAGMA busy_timeout = 50; PRAGMA cache_size = -32768');
    this.version = -1;
    this.found = new Map();
    this.identity = identity;
  }

  private readSchemaIfChanged(): void {
    const database = this.database;
    if (database === undefined) return;
    const version = Number(database.prepare('PRAGMA data_version').get()?.['data_version']);
    if (version === this.version) return;
    this.found = this.findViews(database);
    this.relearn();
    const keys = [...this.found.values()].flatMap((view) => view.joinKeys.map((key) => key.name));
    this.keyNames = [...new Set(keys)].sort();
    this.version = version;
  }

  /** Views that are known already are kept with their statements: a store may be written to all the time. */
  private findViews(database: DatabaseSync): Map<string, View> {
    const prefix = `${this.project}_`;
    const views = new Map<string, View>();
    for (const row of database.prepare(viewTables).all()) {
      const table = String(row['name']);
      const name = table.slice(prefix.length);
      if (table.startsWith(prefix)) views.set(name, this.found.get(name) ?? new View(database, table, name));
    }
    return views;
  }

  /** Empty views may have been filled, any view may have got features: one of them is looked at again each time. */
  private relearn(): void {
    const views = [...this.found.values()];
    for (const view of views) if (view.features === undefined) view.learn();
    this.turn = (this.turn + 1) % Math.max(1, views.length);
    if (this.version !== -1) views[this.turn]?.learn();
  }
}
