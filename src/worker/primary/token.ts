/**
 * The bearer token of `PUT /pool`.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * Whether a request may change the pool. The file is read each time: a rotated Secret counts at once.
 * @param header the `Authorization` header
 * @param file where the token is; without one nobody may change the pool
 */
export function mayChangePool(header: string | undefined, file: string | undefined): boolean {
  const expected = readToken(file);
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  if (expected === undefined || given === undefined) return false;
  // Hashed first: the comparison needs equal lengths, and must not tell them.
  return timingSafeEqual(digest(given), digest(expected));
}

/** Why nobody may change the pool; undefined where somebody may. */
export function tokenProblem(file: string | undefined): string | undefined {
  if (file === undefined) return 'no token file is configured: the pool cannot be changed';
  return readToken(file) === undefined ? `the token file ${file} is missing, unreadable or empty: the pool cannot be changed` : undefined;
}

function readToken(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    const token = readFileSync(file, 'utf8').trim();
    return token === '' ? undefined : token;
  } catch {
    return undefined;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
