import { describe, expect, it } from '@jest/globals';
import { assert, integer, property, uint8Array } from 'fast-check';
import { readFileSync } from 'node:fs';
import { loadDefinitions, RegistryError } from '../../../src/worker/definitions/load-definitions.ts';
import type { LoadedRegistry } from '../../../src/worker/definitions/load-definitions.ts';
import { encodeRegistry } from '../../../src/worker/definitions/registry-writer.ts';
import type { WrittenRegistry } from '../../../src/worker/definitions/registry-writer.ts';
import { runAtOnce, runWithPauses } from '../../../src/worker/definitions/steps.ts';
import { definitionsOf } from '../support/definitions.ts';
import { registryFixture } from '../support/golden-store.ts';

const load = (file: Uint8Array, project: string, versioned = false): LoadedRegistry => runAtOnce(loadDefinitions(file, { project, versioned }));
const problemsOf = (file: Uint8Array, project: string): readonly string[] => {
  try {
    load(file, project);
    return [];
  } catch (error) {
    if (error instanceof RegistryError) return error.problems;
    throw error;
  }
};
const golden = readFileSync(registryFixture('golden'));

describe('a registry that Feast wrote', () => {
  it('gives views with their features, keys and types', () => {
    const { views, entities } = definitionsOf('golden');
    expect([...views.keys()]).toEqual(['driver_hourly_stats', 'cust_driver']);
    expect(views.get('driver_hourly_stats')).toMatchObject({ storedName: 'driver_hourly_stats', joinKeys: [{ name: 'driver_id', type: 4 }] });
    expect([...(views.get('driver_hourly_stats')?.features ?? [])]).toEqual([
      ['conv_rate', 6], ['acc_rate', 5], ['avg_daily_trips', 4], ['name', 2], ['active', 7], ['emb', 16], ['i32', 3],
    ]);
    expect(views.get('cust_driver')?.joinKeys).toEqual([{ name: 'customer_id', type: 2 }, { name: 'driver_id', type: 4 }]);
    expect(entities.get('customer')).toEqual({ name: 'customer_id', type: 2 });
  });

  it('gives services with their selection, names and renamed join keys', () => {
    const service = definitionsOf('kinds').services.get('renamed') ?? [];
    expect(service.map(({ viewName, shownName, features, joinKeyNames }) => [viewName, shownName, features, [...joinKeyNames]])).toEqual([
      ['plain', 'drivers', ['b', 'a'], [['driver_id', 'chauffeur_id']]],
      ['plain', 'others', ['a'], [['driver_id', 'other_id']]],
      ['pair', 'pair', ['trips'], []],
    ]);
  });

  it('gives one project alone', () => {
    expect([...load(readFileSync(registryFixture('kinds')), 'other').definitions.views.get('plain')?.features.keys() ?? []]).toEqual(['of_another_project']);
    expect([...definitionsOf('kinds').views.keys()]).toEqual(['plain', 'pair', 'nobody', 'hidden', 'off', 'grown', 'streamed']);
  });

  it('knows views without entities, and those that Feast does not serve', () => {
    const { views } = definitionsOf('kinds');
    expect(views.get('nobody')?.joinKeys).toEqual([{ name: '__dummy_id', type: 2 }]);
    expect(views.get('off')?.refusal).toMatch(/'off' is disabled/);
    expect(views.get('hidden')?.refusal).toBeUndefined();
  });

  it('has the versions of a view under their stored names only where Feast is told to', () => {
    const { views, versions } = definitionsOf('kinds', true);
    expect(views.get('grown')?.storedName).toBe('grown_v1');
    expect(versions?.get('grown@v0')).toMatchObject({ name: 'grown', storedName: 'grown' });
    expect([...(versions?.get('grown@v0')?.features.keys() ?? [])]).toEqual(['one']);
    expect([...(versions?.get('grown@v1')?.features.keys() ?? [])]).toEqual(['one', 'two']);
    expect(definitionsOf('kinds').views.get('grown')?.storedName).toBe('grown');
    expect(definitionsOf('kinds').versions).toBeUndefined();
  });

  it('says of itself when it was written', () => {
    const { lastUpdated, versionId, knowsProject } = load(golden, 'golden');
    expect(lastUpdated).toBeGreaterThan(1_700_000_000);
    expect(versionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(knowsProject).toBe(true);
  });
});

describe('a registry that cannot be served', () => {
  it('is refused with everything in it that cannot, each by name and with its remedy', () => {
    expect(problemsOf(readFileSync(registryFixture('unservable')), 'unservable')).toEqual([
      expect.stringMatching(/on-demand feature view `computed` is Python code.*feast delete computed/),
      expect.stringMatching(/feature service `vectors` has precompute_online=True.*precompute_online=False/),
    ]);
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    ['another project', golden, 'other', /no project `other`, but golden/],
    ['an empty file', new Uint8Array(), 'golden', /empty or no Feast registry/],
    ['text', Buffer.from('project: golden\n'), 'golden', /no Feast registry/],
    ['a later schema', Buffer.concat([golden, Buffer.from([0x1a, 1, 0x32])]), 'golden', /schema version is "2".*update Plateau/],
  ])('is refused: %s', (_name, file, project, message) => {
    expect(problemsOf(file, project)).toEqual([expect.stringMatching(message)]);
  });

  it('has all its views and services where it knows its project: a file that was cut while it was written tells itself', () => {
    let accepted = 0;
    for (let length = 0; length < golden.length; length++) {
      const cut = golden.subarray(0, length);
      if (problemsOf(cut, 'golden').length > 0) continue;
      const { definitions, knowsProject } = load(cut, 'golden');
      if (!knowsProject) continue;
      accepted++;
      expect([definitions.views.size, definitions.services.size, definitions.entities.size]).toEqual([2, 1, 3]);
    }
    // Behind the project's entry comes only the history of versions.
    expect(accepted).toBeLessThan(3);
  });

  it('is refused and nothing else, whatever the bytes', () => {
    assert(property(uint8Array({ maxLength: 200 }), (bytes) => void problemsOf(bytes, 'golden')));
    assert(
      property(integer({ min: 0, max: golden.length - 1 }), integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Buffer.from(golden);
        changed[at] = byte;
        problemsOf(changed, 'golden');
      }),
    );
  });
});

describe('a registry written here', () => {
  const written: WrittenRegistry = {
    project: 'plateau',
    entities: new Map([['user', { name: 'user_id', type: 2 }], ['item', { name: 'item_id', type: 4 }]]),
    views: [
      { name: 'both', entities: ['user', 'item'], features: [{ name: 'clicks', type: 4 }, { name: 'ümlaut', type: 2 }] },
      { name: 'items', entities: ['item'], features: [{ name: 'price', type: 5 }] },
    ],
    services: new Map([['all', ['items', 'both']]]),
  };

  it('reads as it was meant', () => {
    const { definitions, lastUpdated, versionId } = load(encodeRegistry(written, 1_785_585_600_000, 'some-id'), 'plateau');
    expect([...definitions.views.values()].map(({ name, joinKeys, features }) => [name, joinKeys, [...features]])).toEqual([
      ['both', [{ name: 'item_id', type: 4 }, { name: 'user_id', type: 2 }], [['clicks', 4], ['ümlaut', 2]]],
      ['items', [{ name: 'item_id', type: 4 }], [['price', 5]]],
    ]);
    expect(definitions.services.get('all')?.map(({ shownName, features, refusal }) => [shownName, features, refusal])).toEqual([
      ['both', ['clicks', 'ümlaut'], undefined],
      ['items', ['price'], undefined],
    ]);
    expect([lastUpdated, versionId]).toEqual([1_785_585_600, 'some-id']);
  });

  it('is worked through with pauses when it is long', async () => {
    const views = Array.from({ length: 50 }, (_, index) => ({ name: `view_${index}`, entities: ['user'], features: [{ name: 'f', type: 4 }] }));
    const file = encodeRegistry({ ...written, views, services: new Map() }, 0, 'x');
    let time = 0;
    let pauses = 0;
    const pause = async (): Promise<void> => void pauses++;
    const { definitions } = await runWithPauses(loadDefinitions(file, { project: 'plateau', versioned: false }), { stretchMs: 5, now: () => time++, pause });
    expect(definitions.views.size).toBe(50);
    // A step for each record read and each view built, one tick of the clock each.
    expect(pauses).toBeGreaterThanOrEqual(15);
  });
});
