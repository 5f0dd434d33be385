/**
 * The online store of one process: a read-only SQLite file that may be absent at start, vanish, be replaced and come back.
 *
 * @module
 */
import { errorMessage } from '../error-message.ts';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable, UnreadableValue } from './online-store.ts';
import type { OnlineStore, ViewFound, ViewRead } from './online-store.ts';
import { ViewTable } from './view-table.ts';

export class SqliteStore implements OnlineStore {
  readonly missingIsPresent = false;
  private readonly path: string;
  private readonly project: string;
  private database: DatabaseSync | undefined;
  private identity = '';
  private readonly tables = new Map<string, ViewTable>();
  /** Why the store is unavailable; undefined while it is well. */
  problem: string | undefined = 'the store has not been opened yet';

  constructor(path: string, project: string) {
    this.path = path;
    this.project = project;
  }

  get isReached(): boolean {
    return this.problem === undefined;
  }

  read(reads: readonly ViewRead[]): readonly ViewFound[] {
    const { database } = this;
    if (database === undefined) throw new StoreUnavailable(this.problem ?? 'the store is closed');
    try {
      return reads.map((read) => this.table(database, read.view.storedName).read(read));
    } catch (error) {
      if (error instanceof UnreadableValue) throw error;
      const message = errorMessage(error);
      if (message.startsWith('no such table')) throw new UnreadableValue(`${message} in ${this.path}; run \`feast apply\` for this project`);
      this.lose(error);
      throw new StoreUnavailable(this.problem);
    }
  }

  /** Notices what happened to the file since the last call: gone, replaced, back. Call it a few times a second. */
  check(): void {
    try {
      const { dev, ino } = statSync(this.path, { bigint: true });
      if (`${dev}:${ino}` !== this.identity || this.database === undefined) this.open(`${dev}:${ino}`);
      this.database?.prepare('SELECT count(*) FROM sqlite_master').get();
      this.problem = undefined;
    } catch (error) {
      this.lose(error);
    }
  }

  close(): void {
    this.database?.close();
    this.database = undefined;
    this.identity = '';
    this.tables.clear();
  }

  /** Closes the store after a failed read; `check` opens it again. */
  private lose(error: unknown): void {
    const message = errorMessage(error);
    this.problem = `online store ${this.path} cannot be read: ${message}`;
    this.close();
  }

  private open(identity: string): void {
    this.close();
    const database = new DatabaseSync(this.path, { readOnly: true });
    this.database = database;
    // 32 MiB of cache. No mmap_size: a mapped file that someone truncates would kill the process.
    database.exec('PRAGMA busy_timeout = 50; PRAGMA cache_size = -32768');
    this.identity = identity;
  }

  private table(database: DatabaseSync, storedName: string): ViewTable {
    let table = this.tables.get(storedName);
    if (table === undefined) this.tables.set(storedName, (table = new ViewTable(database, `${this.project}_${storedName}`)));
    return table;
  }
}
