/** `node hack/python/free-threaded.ts` prints the path of a free-threaded Python, which it builds when there is none. @module */
import { basename, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { withFileLock } from '../../src/local/toolchain/file-lock.ts';
import { findFreeThreadedPython, freeThreadedFolder } from '../../src/local/toolchain/free-threaded-python.ts';
import { runTool } from '../../src/local/toolchain/run-tool.ts';
import { filledOnce } from '../../src/local/toolchain/tool-cache.ts';
import { buildInterpreter, lackingPackages } from './build-interpreter.ts';
import { fetchDebianSource } from './debian-source.ts';

const source = { name: 'python3.13', suite: 'trixie' };

const progress = (line: string): void => console.error(line);

const fetchArchive = async (folder: string): Promise<string> => {
  const apt = await runTool('apt-get', ['--version']).then(() => true, () => false);
  if (!apt) throw new Error('the source of a free-threaded Python comes from Debian by apt-get, which this machine lacks; build CPython 3.13 or newer with --disable-gil and name it in PLATEAU_FREE_THREADED_PYTHON');
  progress(`plateau: fetching the source of ${source.name} of Debian ${source.suite}`);
  try {
    return await fetchDebianSource({ ...source, folder });
  } catch (error) {
    throw new Error(`the source of ${source.name} (deb-src of Debian ${source.suite}) cannot be had from this machine's mirror; build CPython 3.13 or newer with --disable-gil and name it in PLATEAU_FREE_THREADED_PYTHON: ${messageOf(error)}`, { cause: error });
  }
};

const build = async (): Promise<string> => {
  const lacking = await lackingPackages();
  if (lacking.length > 0) throw new Error(`building a free-threaded Python needs ${lacking.join(', ')}; install them (apt-get install ${lacking.join(' ')}) and run this again`);
  const archive = await fetchArchive(join(freeThreadedFolder(), 'source'));
  const version = /_(\d[\d.]*)/.exec(basename(archive))?.[1]?.replace(/\.$/, '') ?? '0';
  const tree = join(freeThreadedFolder(), `building-${version}`);
  const prefix = await filledOnce({ folder: join(freeThreadedFolder(), version), progress, fill: (prefix) => buildInterpreter({ archive, tree, prefix, progress }) });
  return join(prefix, 'bin', 'python3');
};

const findOrBuild = (): Promise<string> =>
  findFreeThreadedPython().catch((error: unknown) => {
    // One that was named is wanted, and no other in its place.
    if ((process.env['PLATEAU_FREE_THREADED_PYTHON'] ?? '') !== '') throw error;
    return build();
  });

try {
  console.log(await withFileLock(join(freeThreadedFolder(), 'build.lock'), progress, findOrBuild));
} catch (error) {
  console.error(`plateau: ${messageOf(error)}`);
  process.exitCode = 1;
}
