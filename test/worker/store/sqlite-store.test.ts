import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createViewTable, loadSyntheticFeatures } from '../../../src/worker/loader.ts';
import type { FeatureView } from '../../../src/worker/definitions/definitions.ts';
import { StoreUnavailable, UnreadableValue } from '../../../src/worker/store/online-store.ts';
import { SqliteStore } from '../../../src/worker/store/sqlite-store.ts';
import { driverKey, insertCells } from '../support/golden-store.ts';
import { makeView } from '../support/redis-reads.ts';
import { temporaryFolder } from '../support/worker-process.ts';

const noon = '2026-08-01 12:00:00';
const numbers = makeView('numbers', ['x', 'y']);

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

  it.each([1, 2, 3, 1024, 1025, 3000])('reads a batch of %i entities, each where it belongs', (count) => {
    write((database) => {
      const table = createViewTable(database, 'golden_numbers');
      database.exec('BEGIN');
      for (let driver = 0; driver < count; driver += 2) insertCells(database, table, driverKey(BigInt(driver)), { x: `20${(driver % 100).toString(16).padStart(2, '0')}` }, noon);
      database.exec('COMMIT');
    });
    store.check();
    const [found] = store.read([{ view: numbers, features: ['x'], keys: Array.from({ length: count }, (_, driver) => driverKey(BigInt(driver))) }]);
    expect(found?.values).toEqual([Array.from({ length: count }, (_, driver) => (driver % 2 === 0 ? String(driver % 100) : undefined))]);
    expect(found?.times).toEqual(Array.from({ length: count }, (_, driver) => (driver % 2 === 0 ? '"2026-08-01T12:00:00Z"' : undefined)));
  });

  it('knows an entity that lacks a feature, and one that it has never seen', () => {
    write((database) => insertCells(database, createViewTable(database, 'golden_numbers'), driverKey(1n), { x: '2001', other: '2002' }, noon));
    store.check();
    expect(store.read([{ view: numbers, features: ['y', 'x'], keys: [driverKey(1n), driverKey(2n)] }])).toEqual([
      { values: [[undefined, undefined], ['1', undefined]], times: ['"2026-08-01T12:00:00Z"', undefined] },
    ]);
  });

  it('reads what is written after the first read', () => {
    write((database) => createViewTable(database, 'golden_numbers'));
    store.check();
    const read = (): unknown => store.read([{ view: numbers, features: ['x'], keys: [driverKey(1n)] }])[0]?.values;
    expect(read()).toEqual([[undefined]]);
    write((database) => insertCells(database, '"golden_numbers"', driverKey(1n), { x: '2007' }, noon));
    expect(read()).toEqual([['7']]);
  });

  it('names the view whose table is missing, and the value that is none; other reads go on', () => {
    write((database) => insertCells(database, createViewTable(database, 'golden_numbers'), driverKey(1n), { x: '20' }, noon));
    store.check();
    const read = (view: FeatureView): unknown => store.read([{ view, features: ['x'], keys: [driverKey(1n)] }]);
    expect(() => read(makeView('nowhere', ['x']))).toThrow(UnreadableValue);
    expect(() => read(makeView('nowhere', ['x']))).toThrow(/golden_nowhere.*feast apply/);
    expect(() => read(numbers)).toThrow(/numbers:x.*cut off/);
    expect(store.problem).toBeUndefined();
  });

  it('comes back by itself when the file is replaced', () => {
    write((database) => insertCells(database, createViewTable(database, 'golden_numbers'), driverKey(1n), { x: '2001' }, noon));
    store.check();
    rmSync(path);
    store.check();
    expect(store.problem).toContain(path);
    expect(() => store.read([])).toThrow(StoreUnavailable);
    write((database) => insertCells(database, createViewTable(database, 'golden_numbers'), driverKey(1n), { x: '2002' }, noon));
    store.check();
    expect(store.read([{ view: numbers, features: ['x'], keys: [driverKey(1n)] }])[0]?.values).toEqual([['2']]);
  });

  it('says what is missing, and throws what the server answers with 503', () => {
    store.check();
    expect(store.problem).toContain(path);
    expect(() => store.read([])).toThrow(StoreUnavailable);
  });

  it('writes the same synthetic store for the same seed', () => {
    const dump = (seed: number, name: string): unknown[][] => {
      const file = join(folder.path, name);
      loadSyntheticFeatures(file, { project: 'p', views: 3, features: 7, entities: 5, seed });
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
