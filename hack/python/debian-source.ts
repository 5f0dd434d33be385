/** Fetches the source archive of a Debian package, without touching the machine's own lists of packages. @module */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../../src/local/toolchain/run-tool.ts';

export interface DebianSource {
  /** Source package and the Debian release that carries it. */
  name: string;
  suite: string;
  /** Archives and package lists are kept here: a second run resumes. */
  folder: string;
}

/** The key ring of Debian's own apt; where it is elsewhere, apt's trusted keys have to know the release. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The mirror that this machine uses for Debian, so that a proxy or an inside mirror is honoured. */
const mirror = async (): Promise<string> => {
  const sites = await runTool('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']).catch(() => '');
  return sites.split('\n').find((site) => /\/debian\/?$/.test(site)) ?? 'http://deb.debian.org/debian';
};

/** Lists, sources and locks of our own; keys, proxies and certificates stay the machine's. */
const aptOptions = (folder: string): string[] =>
  [
    `Dir::Etc::sourcelist=${join(folder, 'sources', 'debian.sources')}`,
    `Dir::Etc::sourceparts=${join(folder, 'sources')}`,
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    // apt gives up root for downloads, and that user cannot enter a home directory.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);

const describeSource = async ({ name, suite, folder }: DebianSource): Promise<void> => {
  for (const part of ['sources', 'lists/partial', 'cache/archives/partial', 'archives']) await mkdir(join(folder, part), { recursive: true });
  const fields = ['Types: deb-src', `URIs: ${await mirror()}`, `Suites: ${suite}`, 'Components: main', ...(existsSync(keyring) ? [`Signed-By: ${keyring}`] : [])];
  await writeFile(join(folder, 'sources', 'debian.sources'), `# Only for the source of ${name}.\n${fields.join('\n')}\n`);
};

const archiveIn = async (folder: string, name: string): Promise<string | undefined> =>
  (await readdir(folder)).filter((file) => file.startsWith(`${name}_`) && /\.orig\.tar\.\w+$/.test(file)).sort().at(-1);

/**
 * Downloads the upstream archive (apt checks its signature and size, and resumes half a file).
 *
 * @returns its path
 * @throws ToolFailed with apt's own words
 */
export const fetchDebianSource = async (source: DebianSource): Promise<string> => {
  const archives = join(source.folder, 'archives');
  await describeSource(source);
  await runTool('apt-get', [...aptOptions(source.folder), '--quiet', 'update']);
  await runTool('apt-get', [...aptOptions(source.folder), '--quiet', 'source', '--download-only', '--tar-only', source.name], { cwd: archives });
  const file = await archiveIn(archives, source.name);
  if (file === undefined) throw new Error(`apt-get source ${source.name} left no archive in ${archives}`);
  return join(archives, file);
};
