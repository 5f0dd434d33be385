/** Which Kubernetes the tests run on: go.mod is the only place that names versions. @module */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the Go module, which is this folder. */
export const moduleFolder = fileURLToPath(new URL('.', import.meta.url));

export interface Versions {
  /** As in `v1.34.4`. */
  kubernetes: string;
  /** The oldest Go that builds it, as in `1.24.0`. */
  go: string;
}

/**
 * Reads the versions out of a go.mod.
 * @throws when the text names no k8s.io/kubernetes or no Go version.
 */
export const parseVersions = (goMod: string): Versions => {
  const kubernetes = /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(goMod)?.[1];
  const go = /^go (\S+)/m.exec(goMod)?.[1];
  if (kubernetes === undefined || go === undefined) {
    throw new Error('hack/kubernetes/go.mod names no version of k8s.io/kubernetes or of Go; restore the file from git');
  }
  return { kubernetes, go };
};

/** The versions of this checkout. */
export const versions = (): Versions => parseVersions(readFileSync(new URL('go.mod', import.meta.url), 'utf8'));
