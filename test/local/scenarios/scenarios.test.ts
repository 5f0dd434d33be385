import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { readManifest } from '../../../src/local/manifest/read-manifest.ts';
import { exampleFleet } from '../../../src/local/scenarios/example-fleet.ts';
import type { FleetChange } from '../../../src/local/scenarios/example-fleet.ts';
import { scenarioNames, scenarios } from '../../../src/local/scenarios/scenarios.ts';
import { steppedLoad } from '../../../src/local/scenarios/stepped-load.ts';
import { rateAt } from '../../../src/local/load/trace.ts';

const shape = z.looseObject({
  server: z.record(z.string(), z.unknown()),
  env: z.array(z.object({ name: z.string(), value: z.string() })),
  pool: z.looseObject({ threads: z.unknown(), processes: z.unknown(), warmUp: z.string() }),
  scaling: z.looseObject({ replicas: z.unknown(), evaluation: z.unknown() }),
  resources: z.unknown().optional(),
  podTemplate: z.unknown().optional(),
});

const fleetOf = (change: FleetChange) => {
  const objects = readManifest(exampleFleet(change), 'test');
  return { kinds: objects.map(({ type }) => type.kind), spec: shape.parse(objects.find(({ type }) => type.kind === 'FeatureServer')?.object['spec']) };
};

describe('the fleet of a scenario', () => {
  const threads = { min: 2, initial: 4, max: 8 };

  it('is that of the example, with its time constants, and the changes', () => {
    const { kinds, spec } = fleetOf({ threads, pods: 3, env: { PLATEAU_CPU_BURN: '5ms', PLATEAU_QUEUE_WAIT: '1s' }, cpu: 0.5 });
    expect(kinds).toEqual(['ConfigMap', 'FeatureServer']);
    expect(spec).toMatchObject({
      pool: { threads, processes: { min: 1, max: 1 }, warmUp: '2s' },
      scaling: { replicas: { min: 1, max: 3 }, evaluation: { period: '1s', window: '4s' } },
      resources: { limits: { cpu: '0.5' }, requests: { cpu: '0.5' } },
    });
    expect(Object.keys(spec.server)).toEqual(['builtin']);
    expect(spec.env).toContainEqual({ name: 'PLATEAU_CPU_BURN', value: '5ms' });
    expect(spec.env.filter(({ name }) => name === 'PLATEAU_QUEUE_WAIT')).toEqual([{ name: 'PLATEAU_QUEUE_WAIT', value: '1s' }]);
  });

  it("has nothing of the built-in server's when it has another", () => {
    const python = { image: 'x', app: 'a:b', server: 'waitress' };
    const { kinds, spec } = fleetOf({ threads, pods: 1, server: { python }, others: [] });
    expect(kinds).toEqual(['FeatureServer']);
    expect(spec.server).toEqual({ python });
    expect(spec.podTemplate ?? null).toBeNull();
    expect(spec.env.map(({ name }) => name)).toEqual(['PLATEAU_QUEUE_FACTOR']);
  });
});

describe('the scenarios', () => {
  it.each(['threads', 'loop', 'deploy'] as const)('%s needs nothing but Node, and its manifest is one that the API server would take', async (name) => {
    await using stack = new AsyncDisposableStack();
    const prepared = await scenarios[name].prepare(() => undefined);
    const { manifest } = await prepared.stage({ runFolder: '/nowhere', program: [], stack });
    expect(readManifest(manifest, name).some(({ type }) => type.kind === 'FeatureServer')).toBe(true);
  });

  it('a deploy applies the FeatureServer alone, with twice the CPU of a request', async () => {
    await using stack = new AsyncDisposableStack();
    const { begin } = await (await scenarios.deploy.prepare(() => undefined)).stage({ runFolder: '/nowhere', program: [], stack });
    const applied: string[] = [];
    await begin?.({ apply: async (objects) => void applied.push(...objects.map(({ object }) => JSON.stringify(object))) });
    expect(applied).toHaveLength(1);
    expect(applied[0]).toContain('{"name":"PLATEAU_CPU_BURN","value":"8ms"}');
  });

  it.each(scenarioNames)('%s has its load change when its cause begins, and not again within a long look', (name) => {
    const { load, atSeconds } = scenarios[name];
    const trace = steppedLoad(scenarios[name]);
    const rate = (seconds: number) => rateAt({ trace, durationSeconds: trace.lengthSeconds, scale: 1 }, seconds);
    expect([0, atSeconds - 0.1, atSeconds, 1800].map(rate)).toEqual([load.before, load.before, load.after, load.after]);
  });
});
