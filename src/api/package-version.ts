/**
 * The version of this package.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** Reads it from `package.json`, which lies as deep above the sources as above the compiled files. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
