/**
 * Notices that a file has changed, also when it is replaced through symbolic links (as a mounted ConfigMap is) or written in place.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A file's content, and what tells it from any other. */
export interface FileState {
  readonly identity: string;
  readonly content: Buffer;
}

/** So long a file must look the same before it is read: Feast writes its registry in place, and what is read meanwhile is half of it. */
const settleMs = 50;
/** Looks in vain after which a file counts as one that never comes to rest. */
const mostLooks = 100;

/**
 * What tells one state of a file from another.
 *
 * @throws Error with a code such as ENOENT
 */
export const identify = async (path: string): Promise<string> => {
  const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
  return `${dev}:${ino}:${size}:${mtimeNs}`;
};

/**
 * Reads a file that nobody is writing at the moment.
 *
 * @throws Error when it cannot be read, or keeps changing
 */
export const readAtRest = async (path: string): Promise<FileState> => {
  let identity = await identify(path);
  for (let look = 0; look < mostLooks; look++) {
    await sleep(settleMs);
    const content = await readFile(path);
    const after = await identify(path);
    if (after === identity) return { identity, content };
    identity = after;
  }
  throw new Error('the file keeps changing');
};
