/**
 * Compares or writes the generated files.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { outputs } from './outputs.ts';
import type { Output } from './outputs.ts';

const present = (url: URL): string | undefined => (existsSync(url) ? readFileSync(url, 'utf8') : undefined);

/** The first line in which two texts differ, as a sentence; the files are long and the first line is where to look. */
const difference = (before: string, after: string): string => {
  const old = before.split('\n');
  const wanted = after.split('\n');
  const at = wanted.findIndex((line, index) => line !== old[index]);
  const index = at === -1 ? wanted.length : at;
  return `line ${index + 1}\n  - ${old[index] ?? '(end of file)'}\n  + ${wanted[index] ?? '(end of file)'}`;
};

const compare = (root: URL, { path, content }: Output): string | undefined => {
  const before = present(new URL(path, root));
  if (before === content) return undefined;
  const what = before === undefined ? 'is missing' : `differs from its source at ${difference(before, content)}`;
  return `${path} ${what}\nrun: npm run generate`;
};

const write = (root: URL, { path, content }: Output): string => {
  const url = new URL(path, root);
  if (present(url) === content) return `${path} unchanged`;
  mkdirSync(new URL('.', url), { recursive: true });
  writeFileSync(url, content);
  return `${path} written`;
};

/**
 * Writes the generated files under `root`, or compares them.
 *
 * @returns the exit code, 1 when a compared file differs, and the lines to print.
 */
export const generate = (root: URL, check: boolean): { code: number; lines: string[] } => {
  if (!check) return { code: 0, lines: outputs(root).map((output) => write(root, output)) };
  const lines = outputs(root).map((output) => compare(root, output)).filter((line) => line !== undefined);
  return lines.length === 0 ? { code: 0, lines: ['generated files are up to date'] } : { code: 1, lines };
};
