/**
 * The store behind the recorded exchanges: the values are the bytes that Feast wrote (test/fixtures/feast/redis.json).
 *
 * @module
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { encodeKeyNames, encodeKeyValue, keyType } from '../../../src/worker/feast/entity-key.ts';
import { createViewTable } from '../../../src/worker/loader.ts';

/** Definitions that Feast itself wrote. */
export const registryFixture = (name: 'golden' | 'kinds' | 'unservable'): string => fileURLToPath(new URL(`../../fixtures/feast/registries/${name}.registry.db`, import.meta.url));

const august = '2026-08-01 12:00:00';

type Cells = Record<string, string>;

/** Feature name to the hex of its serialized value; an empty message is Feast's null. */
const drivers: Record<number, Cells> = {
  1001: { conv_rate: '350000003f', acc_rate: '299a9999999999b93f', avg_daily_trips: '2064', name: '120161', active: '3801', emb: '82010a0a080000803f00000040', i32: '1801' },
  1002: { conv_rate: '350000803e', acc_rate: '', avg_daily_trips: '20c801', name: '', active: '3800', emb: '', i32: '1802' },
};

/** Writes `online.db`, `registry.db` and `feature_store.yaml` of the project `golden`. */
export function writeGoldenStore(folder: string): string {
  const database = new DatabaseSync(join(folder, 'online.db'));
  const driverTable = createViewTable(database, 'golden_driver_hourly_stats');
  for (const [driver, cells] of Object.entries(drivers)) insertCells(database, driverTable, driverKey(BigInt(driver)), cells, august);
  // What the recorded push wrote.
  insertCells(database, driverTable, driverKey(1003n), { conv_rate: '350000403f' }, '2026-08-02 00:00:00');
  const both = createViewTable(database, 'golden_cust_driver');
  const key = Buffer.concat([encodeKeyNames(['customer_id', 'driver_id']), encodeKeyValue('c1', keyType.string).encoded, encodeKeyValue(1001n, keyType.int64).encoded]);
  insertCells(database, both, key, { trips: '2007' }, august);
  database.close();
  copyFileSync(registryFixture('golden'), join(folder, 'registry.db'));
  const yaml = join(folder, 'feature_store.yaml');
  writeFileSync(yaml, 'project: golden\nregistry: registry.db\nonline_store: {type: sqlite, path: online.db}\nentity_key_serialization_version: 3\n');
  return yaml;
}

/** The entity key of a driver. */
export function driverKey(driver: bigint): Buffer {
  return Buffer.concat([encodeKeyNames(['driver_id']), encodeKeyValue(driver, keyType.int64).encoded]);
}

/** Inserts one entity's features. */
export function insertCells(database: DatabaseSync, table: string, key: Buffer, cells: Cells, eventTime: string): void {
  const insert = database.prepare(`INSERT INTO ${table} (entity_key, feature_name, value, event_ts, created_ts) VALUES (?, ?, ?, ?, ?)`);
  for (const [feature, hex] of Object.entries(cells)) insert.run(key, feature, Buffer.from(hex, 'hex'), eventTime, eventTime);
}
