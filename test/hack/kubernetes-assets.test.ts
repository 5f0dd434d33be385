import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cacheFolder, findAssets } from '../../hack/kubernetes/assets.ts';
import { isOlder } from '../../hack/kubernetes/go.ts';
import { withFileLock } from '../../src/local/toolchain/file-lock.ts';
import { parseVersions, versions } from '../../hack/kubernetes/version.ts';
import { type FakePrograms, fakePrograms } from './fake-programs.ts';

const all = ['etcd', 'kubectl', 'kube-apiserver'];

/** A Go that "builds" by writing an executable file where -o says. */
const fakeGo = (version: string): string => `
case "$1" in
  env) echo ${version} ;;
  build) while [ "$1" != -o ]; do shift; done; echo built > "$2"; /bin/chmod +x "$2" ;;
esac`;

describe('findAssets', () => {
  let fakes: FakePrograms;
  let progress: string[];
  beforeEach(() => {
    fakes = fakePrograms();
    progress = [];
  });
  afterEach(() => fakes.remove());

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ PATH: fakes.path, XDG_CACHE_HOME: join(fakes.folder, 'cache'), ...more });
  const find = (env = environment()) => findAssets({ env, progress: (line) => progress.push(line) });
  const fill = (folder: string, names: readonly string[]): string => {
    mkdirSync(folder, { recursive: true });
    for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 });
    return folder;
  };
  const cached = () => cacheFolder(environment(), versions().kubernetes);

  it('takes a complete KUBEBUILDER_ASSETS before anything else', async () => {
    fill(cached(), all);
    const folder = fill(join(fakes.folder, 'given'), all);
    expect(await find(environment({ KUBEBUILDER_ASSETS: folder }))).toMatchObject({ found: true, folder, kubeApiserver: join(folder, 'kube-apiserver') });
  });

  it('names what KUBEBUILDER_ASSETS lacks, and does not quietly use other binaries', async () => {
    fill(cached(), all);
    const folder = fill(join(fakes.folder, 'given'), ['etcd']);
    expect(await find(environment({ KUBEBUILDER_ASSETS: folder }))).toEqual({
      found: false,
      reason: `KUBEBUILDER_ASSETS is ${folder}, which lacks kubectl and kube-apiserver; run "setup-envtest use" and set it to the folder that it prints, or unset it`,
    });
  });

  it('counts a file that cannot be executed as lacking', async () => {
    const broken = fill(join(fakes.folder, 'broken'), ['kubectl', 'kube-apiserver']);
    writeFileSync(join(broken, 'etcd'), '', { mode: 0o644 });
    expect(await find(environment({ KUBEBUILDER_ASSETS: broken }))).toMatchObject({ found: false, reason: expect.stringContaining('lacks etcd;') });
  });

  it('takes the cache without asking for Go', async () => {
    fill(cached(), all);
    expect(await find()).toMatchObject({ found: true, folder: cached() });
    expect(progress).toEqual([]);
  });

  it('says what to install when there is neither cache nor Go', async () => {
    expect(await find()).toMatchObject({ found: false, reason: expect.stringMatching(/no Go on this machine: install Go \d.*setup-envtest.*KUBEBUILDER_ASSETS/) });
  });

  it('says when Go is too old', async () => {
    fakes.add('go', fakeGo('go1.19.8'));
    expect(await find()).toMatchObject({ found: false, reason: expect.stringMatching(/the Go on this machine is go1\.19\.8, older than .*: install Go/) });
  });

  it('builds into the cache, once, even when two ask at the same time', async () => {
    fakes.add('go', fakeGo('go1.99.0'));
    const [one, two] = await Promise.all([find(), find()]);
    expect(one).toMatchObject({ found: true, folder: cached() });
    expect(two).toEqual(one);
    expect(readFileSync(join(cached(), 'etcd'), 'utf8')).toBe('built\n');
    expect(fakes.calls().filter((call) => call.startsWith('go build'))).toHaveLength(all.length);
    expect(progress.join('\n')).toMatch(/building Kubernetes v[^]*built etcd in \d+ s[^]*built kube-apiserver/);
  });

  it('reports a build that fails and leaves no half cache behind', async () => {
    fakes.add('go', `case "$*" in *cmd/kube-apiserver) exit 1 ;; esac\n${fakeGo('go1.99.0')}`);
    expect(await find()).toMatchObject({ found: false, reason: expect.stringMatching(/failed: "go build k8s\.io\/kubernetes\/cmd\/kube-apiserver"/) });
    fakes.add('go', fakeGo('go1.99.0'));
    expect(await find()).toMatchObject({ found: true });
  });
});

describe('withFileLock', () => {
  it('lets one body run at a time, and says who waits', async () => {
    const fakes = fakePrograms();
    const file = join(fakes.folder, 'a', 'lock');
    const order: string[] = [];
    const held = Promise.withResolvers<void>();
    const waiting = Promise.withResolvers<void>();
    const first = withFileLock(file, () => undefined, async () => {
      held.resolve();
      await waiting.promise;
      order.push('first');
    });
    await held.promise;
    const says = (line: string): void => {
      order.push(line);
      waiting.resolve();
    };
    await withFileLock(file, says, async () => { order.push('second'); });
    await first;
    fakes.remove();
    expect(order).toEqual([`plateau: another process holds ${file}; waiting for it`, 'first', 'second']);
  });

  it('is free again after its holder threw', async () => {
    const fakes = fakePrograms();
    const file = join(fakes.folder, 'lock');
    const broken = withFileLock(file, () => undefined, () => Promise.reject(new Error('no')));
    await expect(broken).rejects.toThrow('no');
    expect(await withFileLock(file, () => undefined, () => Promise.resolve('free'))).toBe('free');
    fakes.remove();
  });
});

describe('versions', () => {
  it.each([
    ['go1.24.0', '1.24.0', false],
    ['go1.24', '1.24.0', false],
    ['go1.26.8', '1.24.0', false],
    ['go1.23.12', '1.24.0', true],
    ['go1.9', '1.24', true],
    ['devel go1.27-abc', '1.24', false],
    ['', '1.24', true],
  ])('%s is older than %s: %s', (have, want, expected) => {
    expect(isOlder(have, want)).toBe(expected);
  });

  it('come out of go.mod, or an error says which file is damaged', () => {
    expect(versions().kubernetes).toMatch(/^v1\.\d+\.\d+$/);
    expect(() => parseVersions('module x\n')).toThrow(/hack\/kubernetes\/go\.mod/);
  });
});
