/**
 * Stands in for a mount namespace: a pod's volumes are folders of this run, and what names a path under a mount is
 * rewritten to the folder.
 *
 * @module
 */
import { existsSync } from 'node:fs';

export interface Mount {
  /** Where the container expects it. */
  readonly mountPath: string;
  /** Where it is on this machine. */
  readonly hostPath: string;
  /** True for a volume that begins empty: a path under it that exists on this machine is meant as it stands. */
  readonly scratch?: boolean;
}

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`);
const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/u, '') : path);

/**
 * A function that rewrites mounted paths in a text. A path counts when it stands alone or after a sign that ends a word
 * (`--config=/etc/x`, `"/etc/x"`), and only as whole components: `/etc/x` is not part of `/etc/xy`.
 *
 * @param exists whether a path exists on this machine; `/tmp` is scratch in a pod, but `/tmp/server.py` in a command may
 *   well be the program that somebody has written there
 */
export const pathRewriter = (mounts: readonly Mount[], exists: (path: string) => boolean = existsSync): ((text: string) => string) => {
  if (mounts.length === 0) return (text) => text;
  const byPath = new Map(mounts.map((mount) => [withoutSlash(mount.mountPath), mount]));
  // Longest first: a mount may lie inside another.
  const paths = [...byPath.keys()].toSorted((left, right) => right.length - left.length).map(escapeRegExp);
  const pattern = new RegExp(String.raw`(?<![^\s=:,;'"(\[{@])(${paths.join('|')})((?:/[^\s:,;'")\]}]*)?)(?=$|[\s:,;'")\]}])`, 'gu');
  return (text) =>
    text.replace(pattern, (found: string, path: string, rest: string) => {
      const mount = byPath.get(path);
      const keep = mount === undefined || (mount.scratch === true && rest.length > 1 && exists(found));
      return keep ? found : mount.hostPath + rest;
    });
};
