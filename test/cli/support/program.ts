/** Runs `plateau` as a user does. @module */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../../src/cli/plateau.ts', import.meta.url));

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a command to its end; `input` is its standard input. */
export const plateau = (args: readonly string[], input: string | Buffer = ''): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { code: status, out: stdout, err: stderr };
};
