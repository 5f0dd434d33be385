import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakePrograms, fakePrograms } from './fake-programs.ts';

const ciRun = fileURLToPath(new URL('../../.ci/run', import.meta.url));
const command = fileURLToPath(new URL('../../hack/test/main.ts', import.meta.url));

describe('.ci/run', () => {
  let fakes: FakePrograms;
  beforeEach(() => {
    fakes = fakePrograms();
    for (const name of ['go', 'git', 'helm', 'apt-get', 'sudo']) fakes.add(name);
    fakes.add('node', 'echo 20');
  });
  afterEach(() => fakes.remove());

  const run = (env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(ciRun, { env: { ...env, PATH: `${fakes.path}:/usr/bin:/bin` }, encoding: 'utf8' });
    return { status, stderr, last: stdout.trimEnd().split('\n').at(-1) };
  };

  it('ends with the summary of npm test and its exit code, whatever npm adds after a failure', () => {
    fakes.add('npm', 'echo "3 passed, 2 failed, 1 skipped"; echo "npm error Lifecycle script failed"; exit 1');
    expect(run()).toMatchObject({ status: 1, last: '3 passed, 2 failed, 1 skipped' });
  });

  it('runs the command as CI and installs nothing when nothing is missing', () => {
    fakes.add('npm', 'echo "CI is $CI"; [ "$CI" = true ] && echo "3 passed, 0 failed, 0 skipped"');
    expect(run()).toMatchObject({ status: 0, last: '3 passed, 0 failed, 0 skipped' });
    expect(fakes.calls().filter((call) => /^(apt-get|sudo)/.test(call))).toEqual([]);
  });

  it('runs the tests, and says what is missing, when helm can neither be found nor built', () => {
    fakes.drop('helm');
    fakes.add('go', 'exit 1');
    fakes.add('npm', 'echo "3 passed, 0 failed, 2 skipped"; exit 1');
    const result = run({ HOME: fakes.folder });
    expect(result).toMatchObject({ status: 1, last: '3 passed, 0 failed, 2 skipped', stderr: expect.stringContaining('helm could not be built') });
    expect(fakes.calls()).toContainEqual(expect.stringMatching(/^go install helm.sh/));
  });

  it('builds a free-threaded Python where there is none, and goes on without it when that fails', () => {
    fakes.add('npm', 'echo "3 passed, 0 failed, 1 skipped"');
    fakes.add('node', '[ "$1" = bin/npm-run.js ] && exit 1; echo 20');
    const env = { HOME: fakes.folder, XDG_CACHE_HOME: fakes.folder };
    expect(run(env)).toMatchObject({ status: 0, last: '3 passed, 0 failed, 1 skipped', stderr: expect.stringContaining('no free-threaded Python: the tests that need it are skipped') });
    expect(fakes.calls()).toContain('node bin/npm-run.js hack/python/free-threaded.ts');
    fakes.add('node', 'echo 20');
    expect(run({ ...env, PLATEAU_FREE_THREADED_PYTHON: '/opt/python3.13t' }).stderr).not.toContain('free-threaded');
  });

  it('fails when npm test ends without a summary, even with code 0', () => {
    fakes.add('npm', 'echo "nothing to see"');
    expect(run()).toMatchObject({ status: 1, last: '0 passed, 1 failed, 0 skipped' });
  });

  it('refuses a Node that is too old to bring the project\'s own', () => {
    fakes.add('node', 'echo 18');
    fakes.add('npm');
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('is too old; install Node 20 or newer') });
  });
});

describe('hack/test/main.ts', () => {
  const runIn = (env: Record<string, string>, ...args: string[]) => spawnSync(process.execPath, [command, ...args], { env: { ...process.env, ...env }, encoding: 'utf8' });
  const run = (...args: string[]) => runIn({}, ...args);

  it.each([
    ['false', 1],
    ['true', 1],
  ])('without Python the whole part counts as skipped, is said loudly, and proves nothing (CI=%s)', (ci, status) => {
    const result = runIn({ CI: ci, PLATEAU_PYTHON: '/nonexistent/python3' }, 'python');
    expect(result).toMatchObject({ status, stderr: expect.stringMatching(/!!! LEFT OUT: every test of the Python package\. there is no \/nonexistent\/python3 .* install Python 3\.11/) });
    expect(result.stdout).toMatch(/\n0 passed, 0 failed, [1-9]\d* skipped\n$/);
  }, 30_000);

  it('fails when nothing matches: no test is no proof', () => {
    const { status, stdout } = run('unit', 'there-is-no-such-test');
    expect(status).toBe(1);
    expect(stdout).toMatch(/no test matches[^\n]*\n0 passed, 0 failed, 0 skipped\n$/);
  }, 30_000);

  it('shows the usage for an option, with another exit code than a failed test', () => {
    expect(run('--watch')).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: npm test') });
  }, 30_000);
});
