/**
 * Which compiled files and which packages a program needs: what its imports reach.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod';

export interface Closure {
  /** Relative to the folder of the compiled files. */
  readonly files: ReadonlySet<string>;
  /** Names of packages that these files import. */
  readonly packages: ReadonlySet<string>;
}

const staticImport = /^(?:import\s*|(?:import|export)\b[^;'"]*?\bfrom\s*)['"]([^'"]+)['"]/gmu;
const dynamicImport = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/gu;

export interface Start {
  /** Compiled files, relative to `dist`. */
  readonly roots: readonly string[];
  /** Files whose dynamic imports are choices of the caller: they are followed only as far as they are roots themselves. */
  readonly choices: readonly string[];
}

/** Follows imports from the roots. @throws Error when a root or an imported file does not exist */
export const moduleClosure = (dist: string, { roots, choices }: Start): Closure => {
  const files = new Set<string>();
  const packages = new Set<string>();
  const todo = [...roots];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const wanted of importsOf(readFileSync(join(dist, file), 'utf8'), choices.includes(file))) {
      if (wanted.startsWith('.')) todo.push(relative(dist, resolve(join(dist, dirname(file)), wanted)));
      else if (!wanted.startsWith('node:')) packages.add(packageOf(wanted));
    }
  }
  return { files, packages };
};

const importsOf = (text: string, staticOnly: boolean): string[] =>
  [...text.matchAll(staticImport), ...(staticOnly ? [] : text.matchAll(dynamicImport))].flatMap(([, name]) => (name === undefined ? [] : [name]));

const packageOf = (wanted: string): string => wanted.split('/').slice(0, wanted.startsWith('@') ? 2 : 1).join('/');

const manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}), optionalDependencies: z.record(z.string(), z.string()).default({}) });

/** Folders of these packages and of what they depend on, relative to `root`, found as Node finds them. @throws Error for one that is not installed */
export const packageFolders = (root: string, names: Iterable<string>): Set<string> => {
  const found = new Set<string>();
  const todo = [...names].map((name) => ({ name, from: root, optional: false }));
  for (let wanted = todo.pop(); wanted !== undefined; wanted = todo.pop()) {
    const folder = locate(root, wanted.from, wanted.name);
    if (folder === undefined) {
      if (wanted.optional) continue;
      throw new Error(`the package ${wanted.name}, which ${relative(root, wanted.from) || 'the program'} needs, is not installed; run npm install`);
    }
    const path = relative(root, folder);
    if (found.has(path)) continue;
    found.add(path);
    const { dependencies, optionalDependencies } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) todo.push({ name, from: folder, optional: name in optionalDependencies });
  }
  return found;
};

const locate = (root: string, from: string, name: string): string | undefined => {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === root || folder === dirname(folder)) return undefined;
  }
};
