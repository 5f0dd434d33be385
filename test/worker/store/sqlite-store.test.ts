import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createViewTable, loadSyntheticFeatures } from '../../../src/worker/loader.ts';
import { SqliteStore, StoreUnavailable } from '../../../src/worker/store/sqlite-store.ts';
import { driverKey, insertCells, writeGoldenStore } from '../support/golden-store.ts';
import { temporaryFolder } from '../support/worker-process.ts';

const noon = '2026-08-01 12:00:00';

describe('the SQLite store', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let store: SqliteStore;

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'online.db');
    store = new SqliteStore(path, 'golden');
  });
  afterEach(() => {
    store.close();
    folder.remove();
  });

  const write = (work: (database: DatabaseSync) => void): void => {
    const database = new DatabaseSync(path);
    work(database);
    database.close();
  };

  it('knows views, join keys and features from the rows', () => {
    writeGoldenStore(folder.path);
    store.check();
    expect([...store.views().keys()].sort()).toEqual(['cust_driver', 'driver_hourly_stats']);
    expect(store.joinKeyNames()).toEqual(['customer_id', 'driver_id']);
    expect([...(store.views().get('cust_driver')?.features ?? [])]).toEqual(['trips']);
  });

  it('leaves tables of other projects and other shapes alone', () => {
    writeGoldenStore(folder.path);
    write((database) => {
      createViewTable(database, 'other_view');
      database.exec('CREATE TABLE golden_notes (text TEXT)');
    });
    store.check();
    expect(store.problem).toBeUndefined();
    expect(store.views().size).toBe(2);
  });

  it.each([1, 2, 3, 1024, 1025, 3000])('reads a batch of %i entities, each where it belongs', (count) => {
    write((database) => {
      const table = createViewTable(database, 'golden_numbers');
      database.exec('BEGIN');
      for (let driver = 0; driver < count; driver += 2) insertCells(database, table, driverKey(BigInt(driver)), { x: '2001' }, noon);
      database.exec('COMMIT');
    });
    store.check();
    const rows = store.views().get('numbers')?.read(Array.from({ length: count }, (_, driver) => driverKey(BigInt(driver)))) ?? [];
    const expected = Array.from({ length: Math.ceil(count / 2) }, (_, index) => 2 * index);
    expect(rows.map(([entity]) => entity).toSorted((a, b) => a - b)).toEqual(expected);
    expect(rows[0]?.slice(1)).toEqual(['x', expect.anything(), noon]);
  });

  it('learns what an empty view holds once it is filled', () => {
    write((database) => createViewTable(database, 'golden_empty'));
    store.check();
    expect(store.views().get('empty')?.features).toBeUndefined();
    write((database) => insertCells(database, 'golden_empty', driverKey(1n), { late: '2001' }, noon));
    store.check();
    expect([...(store.views().get('empty')?.features ?? [])]).toEqual(['late']);
    expect(store.joinKeyNames()).toEqual(['driver_id']);
  });

  it('learns a new feature of a view that is written to', () => {
    writeGoldenStore(folder.path);
    store.check();
    for (let round = 0; round < store.views().size; round++) {
      write((database) => insertCells(database, 'golden_driver_hourly_stats', driverKey(BigInt(2000 + round)), { brand_new: '2001' }, noon));
      store.check();
    }
    expect(store.views().get('driver_hourly_stats')?.features?.has('brand_new')).toBe(true);
  });

  it('says what is missing, and throws what the server answers with 503', () => {
    store.check();
    expect(store.problem).toContain(path);
    expect(() => store.views()).toThrow(StoreUnavailable);
  });

  it('writes the same synthetic store for the same seed', () => {
    const dump = (seed: number, name: string): unknown[][] => {
      const file = join(folder.path, name);
      loadSyntheticFeatures({ path: file, project: 'p', views: 3, features: 7, entities: 5, seed });
      const database = new DatabaseSync(file, { readOnly: true });
      const tables = [0, 1, 2].map((view) => database.prepare(`SELECT hex(entity_key), feature_name, hex(value), event_ts FROM p_feature_view_${view} ORDER BY 1, 2`).all());
      database.close();
      return tables;
    };
    const first = dump(1, 'a.db');
    expect(dump(1, 'b.db')).toEqual(first);
    expect(dump(2, 'c.db')).not.toEqual(first);
    expect(first.map((rows) => rows.length)).toEqual([15, 15, 5]);
  });
});
