/**
 * Writes synthetic features into a SQLite online store in Feast's layout, the same for the same seed.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { encodeKeyNames, encodeKeyValue, keyType } from './feast/entity-key.ts';

export interface SyntheticFeatures {
  /** The SQLite file; its tables of these views are written anew. */
  path: string;
  project: string;
  /** Views `feature_view_0 …`. */
  views: number;
  /** Features in all, `feature_0 …`, dealt out to the views in order. */
  features: number;
  /** Entities with the join key `entity`, int64, 0 to this number. */
  entities: number;
  seed: number;
}

const eventTime = '2026-08-01 12:00:00';

/** Writes the tables; names are those of the request bodies that Feast's own benchmarks use. */
export function loadSyntheticFeatures(wanted: SyntheticFeatures): void {
  const database = new DatabaseSync(wanted.path);
  try {
    // WAL lets a server read while this writes.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    database.exec('BEGIN');
    const perView = Math.ceil(wanted.features / wanted.views);
    for (let view = 0; view < wanted.views; view++) {
      const first = view * perView;
      writeView(database, wanted, view, { first, last: Math.min(first + perView, wanted.features) });
    }
    database.exec('COMMIT');
    database.exec('PRAGMA journal_mode = DELETE');
  } finally {
    database.close();
  }
}

function writeView(database: DatabaseSync, wanted: SyntheticFeatures, view: number, range: { first: number; last: number }): void {
  const table = createViewTable(database, `${wanted.project}_feature_view_${view}`);
  const insert = database.prepare(`INSERT INTO ${table} (entity_key, feature_name, value, event_ts, created_ts) VALUES (?, ?, ?, ?, ?)`);
  const names = encodeKeyNames(['entity']);
  for (let entity = 0; entity < wanted.entities; entity++) {
    const key = Buffer.concat([names, encodeKeyValue(entity, keyType.int64).encoded]);
    for (let feature = range.first; feature < range.last; feature++) {
      insert.run(key, `feature_${feature}`, syntheticValue(wanted.seed, entity, feature), eventTime, eventTime);
    }
  }
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

/** An int64 from 0 to 999,999 (`feast.types.Value` field 4), as in Feast's benchmarks: a hash, so that any subset is the same. */
function syntheticValue(seed: number, entity: number, feature: number): Buffer {
  const digest = createHash('sha256').update(`${seed}:${entity}:${feature}`).digest();
  let rest = digest.readUInt32LE(0) % 1_000_000;
  const bytes = [4 << 3];
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
