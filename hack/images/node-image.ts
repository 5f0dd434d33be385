/**
 * The content of an image that runs commands of `plateau`: compiled files, and the packages that they import. Nothing else.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { moduleClosure, packageFolders } from './module-closure.ts';

const root = join(import.meta.dirname, '..', '..');

/** What no program in an image reads: types, maps, documents. Folders are left alone: `doc` holds code in some packages. */
const isNeeded = (path: string): boolean => !/\.(?:d\.[cm]?ts|[cm]?ts|map|md|markdown|flow)$/u.test(path) || /\/(?:licen[cs]e|notice)[^/]*$/iu.test(path);

/**
 * Lays the image's root folder out: the program is `/app/dist/cli/plateau.js`.
 *
 * @param commands compiled modules of the commands, relative to `dist`, and what they start as processes of their own
 */
export const layOutNodeImage = (out: string, commands: readonly string[]): void => {
  const compiled = mkdtempSync(join(tmpdir(), 'plateau-image-'));
  try {
    compile(compiled);
    const { files, packages } = moduleClosure(compiled, { roots: ['cli/plateau.js', ...commands], choices: ['cli/commands.js'] });
    const app = join(out, 'app');
    for (const file of files) copy(join(compiled, file), join(app, 'dist', file));
    copyData(app, files);
    for (const folder of packageFolders(root, packages)) copyPackage(folder, app);
    const { name, version, license } = z.object({ name: z.string(), version: z.string(), license: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    writeFileSync(join(app, 'package.json'), `${JSON.stringify({ name, version, license, type: 'module', private: true })}\n`);
    copy(join(root, 'LICENSE'), join(app, 'LICENSE'));
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
};

const compile = (target: string): void => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', target, '--sourceMap', 'false'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the sources do not compile: ${stdout.trim().split('\n').slice(0, 5).join('\n')}`);
};

/** Files that are read at run time lie beside the sources that read them. */
const copyData = (app: string, files: ReadonlySet<string>): void => {
  const folders = new Set([...files].map((file) => dirname(file)));
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, 'src', folder), { withFileTypes: true })) {
      if (entry.isFile() && !entry.name.endsWith('.ts')) copy(join(root, 'src', folder, entry.name), join(app, 'dist', folder, entry.name));
    }
  }
};

/** Packages within a package come by themselves, as far as they are needed. */
const copyPackage = (folder: string, app: string): void => {
  const source = join(root, folder);
  cpSync(source, join(app, folder), { recursive: true, filter: (path) => path === source || (isNeeded(path.slice(source.length)) && !path.slice(source.length).startsWith('/node_modules')) });
};

const copy = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
};
