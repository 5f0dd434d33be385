/**
 * Go programs, built once on a machine: from a folder of the checkout, or by name and version.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../error-code.ts';
import { MissingTool } from './missing-tool.ts';
import { runTool, ToolFailed } from './run-tool.ts';
import { filledOnce, toolFolder } from './tool-cache.ts';

export interface GoProgramOptions {
  /** A module's folder, or `module/path/cmd@version`. */
  readonly source: { readonly folder: string } | { readonly module: string; readonly name: string };
  /** Takes a line for the person who waits. */
  readonly progress: (line: string) => void;
}

const goEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' });

/**
 * Builds the program when this machine has none of these sources yet.
 *
 * @returns the path of the program
 * @throws MissingTool when there is no Go, or it cannot build the program
 */
export const goProgram = async ({ source, progress }: GoProgramOptions): Promise<string> => {
  const name = 'folder' in source ? basename(source.folder) : source.name;
  const key = 'folder' in source ? sourcesKey(source.folder) : source.module.replace(/^.*@/, '');
  const folder = await filledOnce({
    folder: toolFolder('go', `${name}-${key}`),
    progress,
    fill: async (target) => {
      progress(`plateau: building ${name} with Go into ${target}, once`);
      await build(source, target, name);
    },
  });
  return join(folder, name);
};

const build = async (source: GoProgramOptions['source'], target: string, name: string): Promise<void> => {
  try {
    if ('folder' in source) await runTool('go', ['build', '-trimpath', '-buildvcs=false', '-o', join(target, name), '.'], { cwd: source.folder, env: goEnvironment() });
    else await installModule(source, target);
  } catch (error) {
    throw new MissingTool(
      error instanceof ToolFailed && error.code === 'ENOENT' ? `${name} is built with Go, and there is no go on this machine; install Go 1.26 or newer (https://go.dev/dl)` : `${name} cannot be built with Go: ${messageOf(error)}`,
      { cause: error },
    );
  }
};

/** `go install` names the program after the last word of its package, which may be as telling as "server". */
const installModule = async ({ module, name }: { module: string; name: string }, target: string): Promise<void> => {
  await runTool('go', ['install', '-trimpath', module], { env: { ...goEnvironment(), GOBIN: target } });
  const [built] = readdirSync(target);
  if (built !== undefined && built !== name) await runTool('mv', [join(target, built), join(target, name)]);
};

const sourcesKey = (folder: string): string => {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /\.(?:go|mod|sum)$/.test(entry.name) && !entry.name.endsWith('_test.go'));
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) hash.update(path).update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
};
