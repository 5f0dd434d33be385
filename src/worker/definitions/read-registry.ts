/**
 * Reads a registry file and builds its definitions.
 *
 * @module
 */
import type { RegistrySource } from '../feature-store/registry-section.ts';
import type { BuildOptions } from './build-definitions.ts';
import { readAtRest } from './file-identity.ts';
import { loadDefinitions, RegistryError } from './load-definitions.ts';
import type { LoadedRegistry } from './load-definitions.ts';
import { runWithPauses } from './steps.ts';
import type { Pace } from './steps.ts';

/** A registry that can be served. */
export interface GoodRegistry extends LoadedRegistry {
  readonly identity: string;
  readonly file: Buffer;
  readonly options: BuildOptions;
}

/** The file cannot be read, so nothing is known of its content. */
export class UnreadableRegistry extends RegistryError {}

/**
 * Reads it when nobody is writing it.
 *
 * @throws RegistryError with every reason why it cannot be served
 */
export const readGoodRegistry = async (project: string, { path, versioned }: RegistrySource, pace: Pace): Promise<GoodRegistry> => {
  const options = { project, versioned };
  const { identity, content: file } = await readAtRest(path).catch((error: unknown) => {
    throw new UnreadableRegistry([`the file cannot be read (${describeFileError(error)}); correct \`registry\`, or run \`feast apply\``]);
  });
  return { ...(await runWithPauses(loadDefinitions(file, options), pace)), identity, file, options };
};

/** The code of a system's error such as ENOENT, else its message. */
export const describeFileError = (error: unknown): string => {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
};
