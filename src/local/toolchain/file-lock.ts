/**
 * A lock between processes that cannot go stale.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const retryMs = 250;

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const busy = 5;

/** SQLite's lock is one of the operating system: it ends with the process that holds it, however that process ends. */
const tryLock = (database: DatabaseSync): boolean => {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === busy) return false;
    throw error;
  }
};

/** Runs `body` while no other process that locks the same file runs its own; says so when it has to wait. */
export const withFileLock = async <T>(file: string, progress: (line: string) => void, body: () => Promise<T>): Promise<T> => {
  await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    for (let waited = 0; !tryLock(database); waited += 1) {
      if (waited === 0) progress(`plateau: another process holds ${file}; waiting for it`);
      await delay(retryMs);
    }
    return await body();
  } finally {
    database.close();
  }
};
