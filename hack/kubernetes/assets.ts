/** Finds the binaries of a real Kubernetes control plane: KUBEBUILDER_ASSETS, else the cache, else built from Go modules. @module */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { lackingIn } from './binaries.ts';
import { build } from './build.ts';
import { unusableGo } from './go.ts';
import { withFileLock } from '../../src/local/toolchain/file-lock.ts';
import { versions } from './version.ts';

export interface Assets {
  found: true;
  folder: string;
  etcd: string;
  kubeApiserver: string;
  kubectl: string;
}

export interface Missing {
  found: false;
  /** One sentence or two: what is missing and what to do about it. */
  reason: string;
}

export interface FindOptions {
  /** Default: the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** Gets a line for each thing that takes long. Default: standard error. */
  progress?: (line: string) => void;
}

const assetsIn = (folder: string): Assets => ({
  found: true,
  folder,
  etcd: join(folder, 'etcd'),
  kubeApiserver: join(folder, 'kube-apiserver'),
  kubectl: join(folder, 'kubectl'),
});

const remedy = (go: string, version: string): string =>
  `install Go ${go} or newer (Kubernetes ${version} is then built once, about five minutes), ` +
  'or run "setup-envtest use" and set KUBEBUILDER_ASSETS to the folder that it prints';

/** The folder that holds the binaries of this version for this machine, outside the work tree so that a fresh clone finds it. */
export const cacheFolder = (env: NodeJS.ProcessEnv, version: string): string => {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(cache, 'plateau', 'kubernetes', `${version}-${process.platform}-${architecture}`);
};

const fromVariable = async (folder: string): Promise<Assets | Missing> => {
  const lacking = await lackingIn(folder);
  if (lacking.length === 0) return assetsIn(folder);
  const reason = `KUBEBUILDER_ASSETS is ${folder}, which lacks ${lacking.join(' and ')}; run "setup-envtest use" and set it to the folder that it prints, or unset it`;
  return { found: false, reason };
};

/**
 * The binaries, built when need be. A second caller waits while a first one builds.
 * Never rejects for want of binaries: what is wrong comes back as a sentence.
 */
export const findAssets = async ({ env = process.env, progress = console.error }: FindOptions = {}): Promise<Assets | Missing> => {
  const given = env['KUBEBUILDER_ASSETS'];
  if (given !== undefined && given !== '') return fromVariable(given);
  const { kubernetes, go } = versions();
  const folder = cacheFolder(env, kubernetes);
  const cached = async (): Promise<boolean> => (await lackingIn(folder)).length === 0;
  if (await cached()) return assetsIn(folder);
  const trouble = await unusableGo(go, env);
  if (trouble !== undefined) return { found: false, reason: `no Kubernetes binaries in ${folder} and ${trouble}: ${remedy(go, kubernetes)}` };
  try {
    await withFileLock(`${folder}.lock`, progress, async () => {
      if (!(await cached())) await build({ folder, version: kubernetes, env, progress });
    });
    return assetsIn(folder);
  } catch (error) {
    return { found: false, reason: `building Kubernetes ${kubernetes} failed: ${messageOf(error)}` };
  }
};
