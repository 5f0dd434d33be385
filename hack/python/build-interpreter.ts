/** Builds CPython without a global interpreter lock out of its source archive. @module */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { runTool } from '../../src/local/toolchain/run-tool.ts';

export interface InterpreterBuild {
  archive: string;
  /** Where the tree is unpacked and built; what is there already is not built again. */
  tree: string;
  /** Where it is installed. */
  prefix: string;
  progress: (line: string) => void;
}

/** Debian packages by the program or header that tells whether they are there. */
const programs = { gcc: 'gcc libc6-dev', make: 'make', tar: 'tar', xz: 'xz-utils' };
const headers = { 'openssl/ssl.h': 'libssl-dev', 'zlib.h': 'zlib1g-dev', 'ffi.h': 'libffi-dev', 'sqlite3.h': 'libsqlite3-dev' };

/** Modules that the servers and pip need; CPython's build leaves out, without failing, what has no header. */
const needed = 'import ssl, sqlite3, zlib, ctypes, sys; assert not sys._is_gil_enabled()';

const runs = (program: string, args: readonly string[]): Promise<boolean> =>
  runTool(program, args).then(
    () => true,
    () => false,
  );

/** Debian packages that the build would need and this machine lacks. */
export const lackingPackages = async (): Promise<string[]> => {
  const lacking: string[] = [];
  for (const [program, name] of Object.entries(programs)) if (!(await runs(program, ['--version']))) lacking.push(name);
  if (lacking.includes(programs.gcc)) return [...lacking, ...Object.values(headers)];
  for (const [header, name] of Object.entries(headers)) if (!(await runs('gcc', ['-fsyntax-only', '-x', 'c', '-include', header, '/dev/null']))) lacking.push(name);
  return lacking;
};

/** Profile-guided optimisation would take ten times as long: figures of this build compare with others of its kind only. */
const configureFlags = (prefix: string): string[] => ['--disable-gil', `--prefix=${prefix}`, '--disable-test-modules', '--without-ensurepip', '--quiet'];

/** Gently: the machine has other work. */
const nice = (program: string, args: readonly string[], cwd: string): Promise<string> => runTool('nice', ['-n', '10', program, ...args], { cwd });

const unpack = async ({ archive, tree }: InterpreterBuild): Promise<void> => {
  if (existsSync(join(tree, 'configure'))) return;
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  await runTool('tar', ['--extract', '--file', archive, '--directory', tree, '--strip-components', '1']);
};

/**
 * Unpacks, configures, makes and installs; each step that an earlier, interrupted run has done is kept.
 *
 * @throws ToolFailed with the last words of the step that failed
 */
export const buildInterpreter = async (build: InterpreterBuild): Promise<void> => {
  const { tree, prefix, progress } = build;
  await unpack(build);
  progress('plateau: configuring CPython without the interpreter lock');
  if (!existsSync(join(tree, 'Makefile'))) await nice('./configure', configureFlags(prefix), tree);
  progress('plateau: compiling CPython, about three minutes on two cores');
  await nice('make', ['--silent', `-j${availableParallelism()}`], tree);
  await nice('make', ['--silent', 'install'], tree);
  try {
    await runTool(join(prefix, 'bin', 'python3'), ['-c', needed]);
  } catch (error) {
    throw new Error(`the interpreter in ${prefix} was built, but lacks something that its servers need: ${messageOf(error)}`, { cause: error });
  }
  await rm(tree, { recursive: true, force: true });
};
