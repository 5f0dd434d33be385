/**
 * Programs and interpreters that are built once on a machine and kept outside the checkout.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';

/** Lies in a folder that is complete; what an interrupted build left has none. */
const completeMark = '.complete';

/** Folder of a tool under the user's cache, by the words that tell its versions apart. */
export const toolFolder = (...words: readonly string[]): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'plateau', ...words);

export interface Filling {
  readonly folder: string;
  /** Takes a line for the person who waits. */
  readonly progress: (line: string) => void;
  /** Fills the empty folder; at its final place, since a virtual environment cannot be moved. */
  readonly fill: (folder: string) => Promise<void>;
}

/**
 * Fills a folder once, whoever asks first and however many ask at once.
 *
 * @returns the folder
 */
export const filledOnce = async ({ folder, progress, fill }: Filling): Promise<string> => {
  const mark = join(folder, completeMark);
  if (existsSync(mark)) return folder;
  return withFileLock(`${folder}.lock`, progress, async () => {
    if (existsSync(mark)) return folder;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await fill(folder);
    await writeFile(mark, '');
    return folder;
  });
};
