import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakePrograms, fakePrograms } from '../hack/fake-programs.ts';

const bin = fileURLToPath(new URL('../../bin', import.meta.url));

/** What npm leaves behind: the Node of the checkout, and its own lock file as the last thing. */
const npm = (checkout: string): string =>
  `mkdir -p '${checkout}/node_modules/node/bin'; ln -sf '${process.execPath}' '${checkout}/node_modules/node/bin/node'; echo '{}' > '${checkout}/node_modules/.package-lock.json'`;

describe('a checkout installs its dependencies by itself', () => {
  let fakes: FakePrograms;
  let checkout: string;
  beforeEach(() => {
    fakes = fakePrograms();
    checkout = join(fakes.folder, 'checkout');
    cpSync(bin, join(checkout, 'bin'), { recursive: true });
    writeFileSync(join(checkout, 'package.json'), '{"type":"module"}');
    writeFileSync(join(checkout, 'package-lock.json'), '{}');
    mkdirSync(join(checkout, 'src', 'cli'), { recursive: true });
    for (const script of ['script.ts', 'src/cli/plateau.ts']) writeFileSync(join(checkout, script), 'console.log(`ran ${process.argv.slice(2).join()}`);');
    fakes.add('npm', npm(checkout));
  });
  afterEach(() => fakes.remove());

  const run = (...args: string[]) => {
    const path = `${fakes.path}:/usr/bin:/bin`;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, env: { PATH: path }, encoding: 'utf8' });
    return { status, stdout, stderr, installs: fakes.calls().filter((call) => call.startsWith('npm ')) };
  };
  const npmRun = () => run('bin/npm-run.js', 'script.ts', 'a');
  const plateau = () => run('bin/plateau.js', 'b');

  it('npm start and npm test: once, with the development dependencies whatever NODE_ENV says', () => {
    expect(npmRun()).toMatchObject({ status: 0, stdout: 'ran a\n', installs: [expect.stringContaining('install --include=dev')] });
    expect(npmRun().installs).toHaveLength(1);
  });

  it('npm start and npm test: again when the lock file has changed', () => {
    npmRun();
    writeFileSync(join(checkout, 'package-lock.json'), '{"changed":true}');
    expect(npmRun().installs).toHaveLength(2);
  });

  it('npx plateau: when nothing was installed, or only half of it, but not because it is stale', () => {
    mkdirSync(join(checkout, 'node_modules'));
    expect(plateau()).toMatchObject({ status: 0, stdout: 'ran b\n', installs: [expect.stringContaining('install')] });
    writeFileSync(join(checkout, 'package-lock.json'), '{"changed":true}');
    expect(plateau().installs).toHaveLength(1);
  });

  it('npx plateau: also through the link that npm makes', () => {
    symlinkSync(join(checkout, 'bin', 'plateau.js'), join(checkout, 'kubectl-plateau'));
    expect(run('kubectl-plateau', 'c')).toMatchObject({ status: 0, stdout: 'ran c\n' });
  });

  it('ends with the code of npm and says what to do when the installation fails', () => {
    rmSync(join(fakes.path, 'npm'));
    fakes.add('npm', 'exit 7');
    expect(npmRun()).toMatchObject({ status: 7, stderr: expect.stringContaining('npm install failed; run it by hand in') });
  });
});
