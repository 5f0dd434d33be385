/**
 * Writes synthetic features into a SQLite online store in Feast's layout.
 *
 * @module
 */
import { DatabaseSync } from 'node:sqlite';
import { syntheticKey, syntheticTime, syntheticValue, syntheticViews } from './synthetic-features.ts';
import type { SyntheticFeatures, SyntheticView } from './synthetic-features.ts';

/** Writes the tables of these views anew. @param path the SQLite file */
export function loadSyntheticFeatures(path: string, wanted: SyntheticFeatures): void {
  const database = new DatabaseSync(path);
  try {
    // WAL lets a server read while this writes.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    database.exec('BEGIN');
    for (const view of syntheticViews(wanted)) writeView(database, wanted, view);
    database.exec('COMMIT');
    database.exec('PRAGMA journal_mode = DELETE');
  } finally {
    database.close();
  }
}

function writeView(database: DatabaseSync, { project, entities, seed }: SyntheticFeatures, view: SyntheticView): void {
  const table = createViewTable(database, `${project}_${view.name}`);
  const insert = database.prepare(`INSERT INTO ${table} (entity_key, feature_name, value, event_ts, created_ts) VALUES (?, ?, ?, ?, ?)`);
  const time = storedTime();
  for (let entity = 0; entity < entities; entity++) {
    const key = syntheticKey(entity);
    for (let feature = view.first; feature < view.last; feature++) {
      insert.run(key, `feature_${feature}`, syntheticValue(seed, entity, feature), time, time);
    }
  }
}

/** Epoch seconds with UTC taken for the local time, as Feast's SQLite store writes them (see `toRfc3339`). */
function storedTime(): number {
  const { year, month, day, hour } = syntheticTime;
  return new Date(year, month - 1, day, hour).getTime() / 1000;
}

/**
 * Creates a view's table as Feast's SQLite online store does, empty.
 * @returns the quoted name
 */
export function createViewTable(database: DatabaseSync, name: string): string {
  const table = `"${name.replaceAll('"', '""')}"`;
  database.exec(`DROP TABLE IF EXISTS ${table}`);
  database.exec(
    `CREATE TABLE ${table} (entity_key BLOB, feature_name TEXT, value BLOB, value_text TEXT, vector_value BLOB,
     event_ts timestamp, created_ts timestamp, PRIMARY KEY(entity_key, feature_name))`,
  );
  return table;
}
