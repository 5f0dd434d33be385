/**
 * Virtual environments for the Python servers, one for each list in `python/environments`, shared by all runs on a machine.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../error-code.ts';
import { MissingTool } from './missing-tool.ts';
import { runTool, ToolFailed } from './run-tool.ts';
import { filledOnce, toolFolder } from './tool-cache.ts';

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Sources of the package `plateau_pool`, for `PYTHONPATH`. */
export const poolPackageSources = join(checkout, 'python', 'src');

/** `pool`: the servers under the pool package; `feast`: Feast's own server; `test`: what the package's tests need; `free-threaded`: as `pool`, without what has no wheel for it. */
export type EnvironmentName = 'pool' | 'feast' | 'test' | 'free-threaded';

export interface PythonEnvironment {
  readonly python: string;
  /** Folder of the programs that came with the packages. */
  readonly bin: string;
}

export interface PythonEnvironmentOptions {
  readonly name: EnvironmentName;
  /** Interpreter to build on. Default: `PLATEAU_PYTHON`, else `python3`. */
  readonly interpreter?: string;
  /** Takes a line for the person who waits. */
  readonly progress: (line: string) => void;
}

/** Prints what tells one interpreter from another, and whether it is new enough. */
const describe = 'import sys, sysconfig; print(sys.version_info[:2] >= (3, 11), sys.version, sysconfig.get_config_var("Py_GIL_DISABLED"), sys.base_prefix)';

/**
 * The environment, installed when this machine has none yet (20 seconds for the pool, about a minute for Feast).
 *
 * @throws MissingTool when there is no usable Python or the packages cannot be installed
 */
export const pythonEnvironment = async ({ name, interpreter, progress }: PythonEnvironmentOptions): Promise<PythonEnvironment> => {
  const python = interpreter ?? process.env['PLATEAU_PYTHON'] ?? 'python3';
  const identity = await identify(python);
  const list = join(checkout, 'python', 'environments', `${name}.txt`);
  const key = createHash('sha256').update(identity).update(readFileSync(list)).digest('hex').slice(0, 12);
  const folder = await filledOnce({
    folder: toolFolder('python', `${name}-${key}`),
    progress,
    fill: (target) => install({ python, list, target, progress }),
  });
  return { python: join(folder, 'bin', 'python'), bin: join(folder, 'bin') };
};

const identify = async (python: string): Promise<string> => {
  let answer: string;
  try {
    answer = await runTool(python, ['-c', describe]);
  } catch (error) {
    throw new MissingTool(
      error instanceof ToolFailed && error.code === 'ENOENT'
        ? `there is no ${python} on this machine; install Python 3.11 or newer with its venv module (Debian: python3 python3-venv), or name one in PLATEAU_PYTHON`
        : `${python} does not run (${messageOf(error)}); name a Python 3.11 or newer in PLATEAU_PYTHON`,
      { cause: error },
    );
  }
  if (!answer.startsWith('True')) throw new MissingTool(`${python} is Python ${answer.split(' ')[1] ?? ''}, older than 3.11; name a newer one in PLATEAU_PYTHON`);
  return answer;
};

interface Install {
  readonly python: string;
  readonly list: string;
  readonly target: string;
  readonly progress: (line: string) => void;
}

const install = async ({ python, list, target, progress }: Install): Promise<void> => {
  progress(`plateau: installing the Python packages of ${list} into ${target}, once`);
  try {
    await runTool(python, ['-m', 'venv', target]);
  } catch (error) {
    throw new MissingTool(`${python} cannot make a virtual environment; install its venv module (Debian: python3-venv): ${messageOf(error)}`, { cause: error });
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', list];
  try {
    await runTool(join(target, 'bin', 'python'), pip, { cwd: dirname(list) });
  } catch (error) {
    throw new MissingTool(`the Python packages of ${list} cannot be installed; check that pip reaches a package index: ${messageOf(error)}`, { cause: error });
  }
};
