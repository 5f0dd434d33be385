/** A folder of fake programs for PATH: shell scripts that write down how they were called. @module */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakePrograms {
  /** The only folder on the PATH of the program under test. */
  readonly folder: string;
  readonly path: string;
  /** Adds a program; `script` is shell, run after the call was written down. */
  readonly add: (name: string, script?: string) => void;
  readonly drop: (name: string) => void;
  /** Each call so far as one line: program and arguments. */
  readonly calls: () => string[];
  readonly remove: () => void;
}

/** Makes an empty folder of fake programs and a log of their calls. */
export const fakePrograms = (): FakePrograms => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-fakes-'));
  const path = join(folder, 'bin');
  const log = join(folder, 'calls');
  mkdirSync(path);
  writeFileSync(log, '');
  return {
    folder,
    path,
    add: (name, script = '') => writeFileSync(join(path, name), `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`, { mode: 0o755 }),
    drop: (name) => rmSync(join(path, name)),
    calls: () => readFileSync(log, 'utf8').trimEnd().split('\n'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
