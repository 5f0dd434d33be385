/** Is there a Go that can build Kubernetes? @module */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, propertyOf } from '../errors.ts';
import { moduleFolder } from './version.ts';

const run = promisify(execFile);

const numbers = (version: string): number[] => (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number);

/** Compares release numbers like `go1.24.0` and `1.26`; a missing part counts as 0. */
export const isOlder = (version: string, wanted: string): boolean => {
  const [have, want] = [numbers(version), numbers(wanted)];
  const differing = want.findIndex((part, index) => (have[index] ?? 0) !== part);
  return differing !== -1 && (have[differing] ?? 0) < (want[differing] ?? 0);
};

/** The environment for Go: nothing from the user's own settings may change what is built. */
export const goEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' });

/**
 * What keeps Go from building, as half a sentence; undefined when nothing does.
 * Asked inside the module, where Go 1.21 and later fetch the newer toolchain that go.mod names, unless GOTOOLCHAIN=local forbids it.
 */
export const unusableGo = async (wanted: string, env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd: moduleFolder, env: goEnvironment(env) });
    const version = stdout.trim();
    return isOlder(version, wanted) ? `the Go on this machine is ${version}, older than ${wanted}` : undefined;
  } catch (error) {
    if (propertyOf(error, 'code') === 'ENOENT') return 'no Go on this machine';
    return `"go env GOVERSION" failed (${messageOf(error)})`;
  }
};
