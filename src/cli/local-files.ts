/**
 * Files that `plateau local` reads before it starts anything, so that a mistake shows at once.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode, messageOf } from '../local/error-code.ts';
import { parseTrace } from '../local/load/trace.ts';
import type { Trace } from '../local/load/trace.ts';
import { ManifestError, readManifest } from '../local/manifest/read-manifest.ts';
import type { ManifestObject } from '../local/manifest/read-manifest.ts';
import { steppedLoad } from '../local/scenarios/stepped-load.ts';
import { scenarios } from '../local/scenarios/scenarios.ts';
import type { ScenarioName } from '../local/scenarios/scenarios.ts';
import type { LocalArguments } from './local-arguments.ts';

/** The folder of the checkout or of the installed package. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A file that cannot be read; the message names it and the flag. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError';
}

export interface LocalFiles {
  readonly trace: Trace;
  /** In how many seconds the trace passes once; undefined: in the duration of the run, or a minute. */
  readonly passSeconds?: number;
  readonly objects: readonly ManifestObject[];
  /** Where relative paths in a manifest's commands begin. */
  readonly workingFolder: string;
}

const example = (name: string): string => join(packageRoot, 'examples', 'local', name);

/**
 * Reads trace and manifests.
 *
 * @throws InputFileError, TraceError or ManifestError
 */
export const readLocalFiles = ({ trace, manifests, scenario }: LocalArguments): LocalFiles => {
  if (scenario !== undefined) return scenarioFiles(scenario);
  const traceFile = trace ?? example('load.csv');
  const files = manifests.length === 0 ? [example('ranking.yaml')] : manifests;
  return {
    trace: parseTrace(read(traceFile, '--trace'), traceFile),
    objects: withoutTwins(files.flatMap((file) => readManifest(read(file, '--manifest'), file))),
    workingFolder: dirname(resolve(files[0] ?? '.')),
  };
};

/** The objects of a scenario come when the scene is set. */
const scenarioFiles = (name: ScenarioName): LocalFiles => {
  const trace = steppedLoad(scenarios[name]);
  return { trace, passSeconds: trace.lengthSeconds, objects: [], workingFolder: packageRoot };
};

/** Of two objects with one name the later would take the place of the first, silently. */
const withoutTwins = (objects: readonly ManifestObject[]): readonly ManifestObject[] => {
  const first = new Map<string, ManifestObject>();
  for (const entry of objects) {
    const { kind, metadata } = entry.object;
    const key = `${kind ?? ''} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
    const before = first.get(key);
    if (before !== undefined) throw new ManifestError([`${entry.at('metadata.name')}: ${key} is at ${before.at('metadata.name')} already; give it another name, or take one out`]);
    first.set(key, entry);
  }
  return objects;
};

const read = (path: string, flag: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const what = errorCode(error) === 'ENOENT' ? 'there is no such file' : errorCode(error) === 'EISDIR' ? 'it is a folder' : messageOf(error);
    throw new InputFileError(`${flag} ${path}: ${what}; pass the path of a file that can be read`);
  }
};
