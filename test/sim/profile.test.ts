import { describe, expect, it } from '@jest/globals';
import { cutTrace } from '../../src/sim/cut-trace.ts';
import { machineFor } from '../../src/sim/machine.ts';
import { conditionsAt, parseProfile, ProfileError } from '../../src/sim/profile.ts';

const least = { model: 'threads', cpuMs: 5, storeMs: { median: 4, sigma: 0.5 } };

describe('a profile', () => {
  it('changes field by field, in the order of time', () => {
    const profile = parseProfile({ ...least, changes: [{ atSeconds: 20, cpuMs: 7 }, { atSeconds: 10, cpuMs: 10, coreLimit: null }] });
    const seen = [0, 9.9, 10, 20, 1e6].map((at) => conditionsAt(profile, at)).map(({ cpuMs, coreLimit }) => [cpuMs, coreLimit]);
    expect(seen).toEqual([[5, 1], [5, 1], [10, null], [7, null], [7, null]]);
  });

  it.each([
    [null, 'the profile'],
    [{ ...least, model: 'fibers' }, 'model'],
    [{ ...least, cpuMs: '5' }, 'cpuMs'],
    [{ ...least, storeMs: 4 }, 'storeMs'],
    [{ ...least, storeConcurrency: 0 }, 'storeConcurrency'],
    [{ ...least, coreLimit: 0 }, 'coreLimit'],
    [{ ...least, processes: 1.5 }, 'processes'],
    [{ ...least, changes: [{ cpuMs: 1 }] }, 'changes.0.atSeconds'],
    [{ ...least, changes: [{ atSeconds: 1, cpu: 1 }] }, 'cpu'],
  ])('%j is refused by the name of what is wrong', (value, name) => {
    expect(() => parseProfile(value)).toThrow(ProfileError);
    expect(() => parseProfile(value)).toThrow(name);
  });
});

describe('the machine of a profile', () => {
  it.each([
    // A lock with a limit of a core or more cannot use up its quota.
    [{}, { cores: 1, quota: Infinity, serial: true }],
    [{ coreLimit: 0.5 }, { cores: 1, quota: 0.05 }],
    [{ coreLimit: 1, processes: 2 }, { cores: 2, quota: 0.1 }],
    [{ coreLimit: 2, processes: 2 }, { cores: 2, quota: Infinity }],
    [{ gilMs: 0 }, { cores: 2, quota: 0.1, serial: false }],
    [{ coreLimit: 0.5, throttling: false }, { cores: 0.5, quota: Infinity }],
    [{ coreLimit: null }, { cores: 4, quota: Infinity, reserved: 4 }],
    [{ neighbourCores: 0.25 }, { cores: 0.8, quota: Infinity, reserved: 1 }],
    [{ nodeCores: 4, neighbourCores: 3 }, { cores: 1 }],
    [{ coreLimit: 2, nodeCores: 4, neighbourCores: 6 }, { cores: 1 }],
  ])('%j', (part, expected) => {
    expect(machineFor(conditionsAt(parseProfile({ ...least, ...part }), 0))).toMatchObject(expected);
  });
});

describe('cutTrace', () => {
  const points = [{ seconds: 0, rate: 1 }, { seconds: 10, rate: 2 }, { seconds: 20, rate: 3 }];
  it.each([
    [0, 1, points],
    [10, 1, [{ seconds: 0, rate: 2 }, { seconds: 10, rate: 3 }]],
    [15, 10, [{ seconds: 0, rate: 20 }, { seconds: 5, rate: 30 }]],
    [99, 1, [{ seconds: 0, rate: 3 }]],
  ])('from %d s on, times %d', (start, scale, expected) => {
    expect(cutTrace(points, start, scale)).toEqual(expected);
  });
});
