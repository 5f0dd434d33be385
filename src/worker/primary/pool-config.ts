/**
 * The pool's configuration at start: the mounted file when there is one, else the flags.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { poolConfigSchema } from '../../api/protocol.ts';
import type { PoolConfig } from '../../api/protocol.ts';
import type { Settings } from '../settings.ts';
import { tellOutside } from './generation.ts';
import { poolLimits } from './pool.ts';

/**
 * The configuration to start with.
 * @throws Error when the file cannot be used, or asks for more than this worker may be set to
 */
export function readStartConfig(settings: Settings): PoolConfig {
  const { configFile, threads, processes, objectiveMs } = settings;
  const config = configFile === undefined ? { threads, processes, objectiveMs, generation: 0 } : readPoolConfig(configFile);
  const outside = tellOutside(config, poolLimits(settings));
  if (outside === undefined) return config;
  throw new Error(`${configFile === undefined ? 'the flags' : `pool configuration ${configFile}`}: ${outside}; change it, or the limit with --threads-max or --processes-max`);
}

/** Every error names the file, what is wrong and what to do. */
function readPoolConfig(file: string): PoolConfig {
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
