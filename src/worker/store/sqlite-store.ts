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

export class SqliteStore {
  private readonly path: string;
  private readonly project: string;
  private database: DatabaseSync | undefined;
  private identity = '';
  private version = -1;
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
    database.exec('PRAGMA busy_timeout = 50; PRAGMA mmap_size = 268435456');
    this.version = -1;
    this.identity = identity;
  }

  private readSchemaIfChanged(): void {
    const database = this.database;
    if (database === undefined) return;
    const version = Number(database.prepare('PRAGMA data_version').get()?.['data_version']);
    if (version === this.version) return;
    const prefix = `${this.project}_`;
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all().map((row) => String(row['name']));
    const names = tables.filter((table) => table.startsWith(prefix));
    this.found = new Map(names.map((table) => [table.slice(prefix.length), new View(database, table, table.slice(prefix.length))]));
    const keys = [...this.found.values()].flatMap((view) => view.joinKeys.map((key) => key.name));
    this.keyNames = [...new Set(keys)].sort();
    this.version = version;
  }
}
