import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseOptions } from '../../hack/kind/options.ts';
import { type FakePrograms, fakePrograms } from './fake-programs.ts';

const up = fileURLToPath(new URL('../../hack/kind/up.ts', import.meta.url));
const chart = fileURLToPath(new URL('../../charts/plateau', import.meta.url));

describe('hack/kind/up.ts', () => {
  let fakes: FakePrograms;
  beforeEach(() => { fakes = fakePrograms(); });
  afterEach(() => fakes.remove());

  const run = (...args: string[]) => spawnSync(process.execPath, [up, ...args], { env: { PATH: fakes.path }, encoding: 'utf8' });
  const addAll = () => ['docker', 'kind', 'kubectl', 'helm'].forEach((name) => fakes.add(name));

  it('names everything that is absent at once, each with its remedy', () => {
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/Docker is not installed: see/);
    expect(stderr).toMatch(/kind is not installed: go install/);
    expect(stderr).toMatch(/kubectl is not installed: see/);
  });

  it('tells a Docker that does not answer from one that is absent, and creates nothing', () => {
    addAll();
    fakes.add('docker', 'exit 1');
    expect(run().stderr).toBe('Docker does not answer: start its daemon, and let your user reach it (docker info must work)\n');
    expect(fakes.calls().filter((call) => call.includes('create'))).toEqual([]);
  });

  it('creates the cluster under the given name and installs the definitions into no other', () => {
    addAll();
    expect(run('--name', 'blue', '--config', 'nodes.yaml').status).toBe(0);
    expect(fakes.calls()).toContain('kind create cluster --name blue --wait 120s --config nodes.yaml');
    const kubectl = fakes.calls().filter((call) => call.startsWith('kubectl --context'));
    expect(kubectl.map((call) => call.split(' ').slice(0, 4).join(' '))).toEqual(['kubectl --context kind-blue apply', 'kubectl --context kind-blue wait']);
    expect(fakes.calls().some((call) => call.startsWith('helm upgrade'))).toBe(existsSync(chart));
  });

  it('uses a cluster that is there already', () => {
    addAll();
    fakes.add('kind', 'if [ "$1" = get ]; then echo plateau; fi');
    expect(run().stdout).toContain('the kind cluster plateau is there already');
    expect(fakes.calls().filter((call) => call.startsWith('kind create'))).toEqual([]);
  });

  it('stops at the first program that fails, and names the call', () => {
    addAll();
    fakes.add('kind', 'if [ "$1" = create ]; then exit 3; fi');
    expect(run()).toMatchObject({ status: 1, stderr: '"kind create cluster --name plateau --wait 120s" failed\n' });
    expect(fakes.calls().filter((call) => call.startsWith('kubectl --context'))).toEqual([]);
  });
});

describe('its arguments', () => {
  it.each([[['--nmae', 'x']], [['--name', 'Not A Name']], [['stray']]])('refuses %j with the usage', (argv) => {
    expect(() => parseOptions(argv)).toThrow(/usage: node hack\/kind\/up\.ts/);
  });

  it('has a name by default', () => {
    expect(parseOptions([])).toEqual({ name: 'plateau', help: false });
  });
});
