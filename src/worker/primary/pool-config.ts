/**
 * The pool's configuration at start: the mounted file when there is one, else the flags.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { poolConfigSchema } from '../../api/protocol.ts';
import type { PoolConfig } from '../../api/protocol.ts';

/**
 * Reads the configuration file.
 * @throws Error with a sentence that names the file, what is wrong and what to do
 */
export function readPoolConfig(file: string): PoolConfig {
  const remedy = 'it must hold {"threads", "processes", "generation", "objectiveMs"}';
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`pool configuration ${file} cannot be read as JSON; ${remedy}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const parsed = poolConfigSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`pool configuration ${file} is not valid; ${remedy}:\n${z.prettifyError(parsed.error)}`);
}
