/**
 * A Python without a global interpreter lock (PEP 703), where this machine has one.
 *
 * @module
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../error-code.ts';
import { MissingTool } from './missing-tool.ts';
import { runTool } from './run-tool.ts';
import { toolFolder } from './tool-cache.ts';

/** Where `hack/python/free-threaded.ts` installs interpreters, a folder for each version. */
export const freeThreadedFolder = (): string => toolFolder('python-free-threaded');

/** Names that free-threaded builds go by on PATH, newest first. */
const commonNames = ['python3.15t', 'python3.14t', 'python3.13t'];

/** What the interpreter says of itself: version, and whether it was built without the lock. */
const question = 'import sys, sysconfig; print(sys.version.split()[0], sysconfig.get_config_var("Py_GIL_DISABLED"))';

/**
 * The interpreter: `PLATEAU_FREE_THREADED_PYTHON`, else the newest that was built here, else one on PATH.
 *
 * @throws MissingTool when there is none, or the named one has a lock
 */
export const findFreeThreadedPython = async (): Promise<string> => {
  const named = process.env['PLATEAU_FREE_THREADED_PYTHON'];
  if (named !== undefined && named !== '') return confirmed(named);
  for (const python of [...builtHere(), ...commonNames]) if (await isFreeThreaded(python)) return python;
  throw new MissingTool(
    'there is no free-threaded Python on this machine; run "node hack/python/free-threaded.ts" in a checkout (builds Debian\'s python3.13 without the interpreter lock, about four minutes), or name one in PLATEAU_FREE_THREADED_PYTHON',
  );
};

const confirmed = async (python: string): Promise<string> => {
  let said: string;
  try {
    said = await runTool(python, ['-c', question]);
  } catch (error) {
    throw new MissingTool(`PLATEAU_FREE_THREADED_PYTHON is ${python}, which does not run: ${messageOf(error)}`, { cause: error });
  }
  if (!said.trim().endsWith(' 1')) throw new MissingTool(`PLATEAU_FREE_THREADED_PYTHON is ${python}, Python ${said.split(' ')[0] ?? ''} with an interpreter lock; name a free-threaded build (python3.13t or newer)`);
  return python;
};

const isFreeThreaded = (python: string): Promise<boolean> =>
  confirmed(python).then(
    () => true,
    () => false,
  );

const builtHere = (): string[] => {
  const folder = freeThreadedFolder();
  if (!existsSync(folder)) return [];
  const newestFirst = readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return newestFirst.map((version) => join(folder, version, 'bin', 'python3')).filter((python) => existsSync(python) && existsSync(join(python, '..', '..', '.complete')));
};
