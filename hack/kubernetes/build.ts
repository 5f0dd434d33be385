/** Builds the control plane from Go modules into the cache. @module */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Binary, binaries, packages } from './binaries.ts';
import { goEnvironment } from './go.ts';
import { moduleFolder } from './version.ts';

export interface BuildOptions {
  /** Appears only when all programs are in it. */
  folder: string;
  version: string;
  env: NodeJS.ProcessEnv;
  progress: (line: string) => void;
}

/** Longest build of one program, ms: a download that hangs must not hold the lock for ever. */
const limitMs = 30 * 60_000;

/** Without these the server calls itself v0.0.0 and clients misjudge what it can do. */
const linkerFlags = (version: string): string => {
  const [major = '', minor = ''] = version.replace('v', '').split('.');
  const stamp = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return ['-s', '-w', ...Object.entries(stamp).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)].join(' ');
};

const buildOne = async (name: Binary, target: string, { version, env }: BuildOptions): Promise<void> => {
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(version)];
  const go = spawn('go', ['build', ...flags, '-o', target, packages[name]], { cwd: moduleFolder, env: goEnvironment(env), stdio: ['ignore', 2, 2], timeout: limitMs });
  const [code, signal] = await once(go, 'exit');
  if (code !== 0) throw new Error(`"go build ${packages[name]}" in hack/kubernetes ended with ${code === null ? String(signal) : `code ${String(code)}`}; what it said stands above`);
};

/**
 * Builds one program after another (four to eight minutes on two cores from nothing, seconds with Go's own cache filled).
 * Call it under a lock: the folder it builds in has a fixed name, so that an interrupted build leaves no more than one behind.
 * @throws when Go cannot build a program.
 */
export const build = async (options: BuildOptions): Promise<void> => {
  const { folder, version, progress } = options;
  const unfinished = `${folder}.building`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  progress(`plateau: building Kubernetes ${version} for the tests from Go modules into ${folder}, once; this takes some minutes`);
  for (const name of binaries) {
    const started = performance.now();
    await buildOne(name, join(unfinished, name), options);
    progress(`plateau: built ${name} in ${Math.round((performance.now() - started) / 1000)} s`);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
};
