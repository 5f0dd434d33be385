import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { abandoned, findCpuController, quotaFiles } from '../../../src/local/process/cpu-cgroups.ts';

describe('cgroups of the CPU', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'plateau-cgroups-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('are found in version 2, in version 1 under either name, or not at all', () => {
    expect(findCpuController(root)).toBeUndefined();
    mkdirSync(join(root, 'cpu,cpuacct'));
    writeFileSync(join(root, 'cpu,cpuacct', 'cgroup.procs'), '');
    expect(findCpuController(root)).toEqual({ mount: join(root, 'cpu,cpuacct'), version: 1 });
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu');
    expect(findCpuController(root)).toEqual({ mount: root, version: 2 });
  });

  it.each([
    [2, 0.5, [['cpu.max', '50000 100000']]],
    [2, 2, [['cpu.max', '200000 100000']]],
    [1, 0.25, [['cpu.cfs_period_us', '100000'], ['cpu.cfs_quota_us', '25000']]],
    [1, 0.001, [['cpu.cfs_period_us', '100000'], ['cpu.cfs_quota_us', '1000']]],
  ] as const)('of version %d hold a program to %d cores', (version, cores, files) => {
    expect(quotaFiles(version, cores)).toEqual(files);
  });

  it('of a run that was killed are told from those of one that lives, and from those of others', () => {
    expect(abandoned(['plateau-local-1', 'plateau-local-2', 'plateau-local-x', 'system.slice', 'plateau-local-'], (pid) => pid === 2)).toEqual(['plateau-local-1']);
  });
});
