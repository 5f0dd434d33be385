/**
 * From the bytes of a registry file to definitions, or to the reasons why they cannot be served.
 *
 * @module
 */
import { buildDefinitions } from './build-definitions.ts';
import type { BuildOptions } from './build-definitions.ts';
import type { Definitions } from './definitions.ts';
import { readRegistry } from './registry-file.ts';
import { findUnservable } from './unservable.ts';

/** Why a registry cannot be served, one sentence for each reason. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }

  /** The sentences, each with the file before it. */
  lines(path: string): string[] {
    return this.problems.map((problem) => `${path}: ${problem}`);
  }
}

/** Definitions, and what the registry says of itself. */
export interface LoadedRegistry {
  readonly definitions: Definitions;
  /** Seconds since the epoch at which Feast last wrote it; undefined when the file does not say it. */
  readonly lastUpdated: number | undefined;
  readonly versionId: string;
  /** Whether the project has an entry of its own, as every Feast of the last years writes it. */
  readonly knowsProject: boolean;
}

/**
 * Reads, checks and builds, in steps.
 *
 * @throws RegistryError
 */
export function* loadDefinitions(file: Uint8Array, options: BuildOptions): Generator<void, LoadedRegistry> {
  const { project } = options;
  let content;
  try {
    content = yield* readRegistry(file, project);
  } catch (error) {
    throw new RegistryError([`the file is no Feast registry, or only a part of one (${error instanceof Error ? error.message : String(error)}); run \`feast apply\``]);
  }
  const problems = findUnservable(content, project);
  if (problems.length > 0) throw new RegistryError(problems);
  const { lastUpdated, versionId, projects } = content;
  return { definitions: yield* buildDefinitions(content, options), lastUpdated, versionId, knowsProject: projects.has(project) };
}
