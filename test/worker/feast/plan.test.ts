import { describe, expect, it } from '@jest/globals';
import { encodeKeyNames, encodeKeyValue, keyType } from '../../../src/worker/feast/entity-key.ts';
import { planRequest } from '../../../src/worker/feast/plan.ts';
import type { Plan } from '../../../src/worker/feast/plan.ts';
import { Refusal } from '../../../src/worker/feast/refusal.ts';
import type { FeatureRequest } from '../../../src/worker/feast/request.ts';
import { definitionsOf } from '../support/definitions.ts';

type Entities = Record<string, unknown[]>;
const kinds = definitionsOf('kinds');
const versioned = definitionsOf('kinds', true);
const ask = (features: string[], entities: Entities, more: Partial<FeatureRequest> = {}): FeatureRequest => ({
  features, featureService: undefined, fullFeatureNames: false, entities: new Map(Object.entries(entities)), ...more,
});
const service = (name: string, entities: Entities, fullFeatureNames = false): FeatureRequest => ask([], entities, { featureService: name, fullFeatureNames });

const key = (...parts: [name: string, value: unknown, type: number][]): string =>
  Buffer.concat([encodeKeyNames(parts.map(([name]) => name)), ...parts.map(([, value, type]) => encodeKeyValue(value, type).encoded)]).toString('hex');
const driver = (value: unknown): string => key(['driver_id', value, keyType.int64]);
const keysOf = (plan: Plan): string[][] => plan.views.map(({ keys, keyOfRow }) => keyOfRow.map((index) => keys[index]?.toString('hex') ?? ''));
const refusalOf = (request: FeatureRequest, definitions = kinds): [number, unknown] => {
  try {
    planRequest(request, definitions);
    return [200, ''];
  } catch (error) {
    if (error instanceof Refusal) return [error.status, JSON.parse(error.body)];
    throw error;
  }
};

describe('a planned request', () => {
  it('has one share for each view, in the order of the request, and reads each key once', () => {
    const plan = planRequest(ask(['plain:a', 'grown:two', 'plain:b'], { driver_id: [5, 6, 5] }), kinds);
    expect(plan.views.map(({ view, features, names, keyOfRow, keys }) => [view.name, features, names, keyOfRow, keys.length])).toEqual([
      ['plain', ['a', 'b'], ['"a"', '"b"'], [0, 1, 0], 2],
      ['grown', ['two'], ['"two"'], [0, 1, 0], 2],
    ]);
    expect(keysOf(plan)).toEqual([[driver(5), driver(6), driver(5)], [driver(5), driver(6), driver(5)]]);
    expect(plan.views[0]?.keys).toBe(plan.views[1]?.keys);
    expect(plan.joinKeys).toEqual([{ name: 'driver_id', json: ['5', '6', '5'] }]);
  });

  it('is remembered up to a bound in characters, however few the wishes are', () => {
    const plain = kinds.views.get('plain');
    if (plain === undefined) throw new Error('the fixture has no view plain');
    const long = Array.from({ length: 20 }, (_, index) => `${'x'.repeat(60_000)}${index}`);
    const wide = { ...plain, features: new Map([...plain.features, ...long.map((name): [string, number] => [name, 4])]) };
    const definitions = { ...kinds, views: new Map([['plain', wide]]) };
    const featuresOf = (name: string): readonly string[] | undefined => planRequest(ask([`plain:${name}`], { driver_id: [1] }), definitions).views[0]?.features;
    const [first, second] = [featuresOf('a'), featuresOf('a')];
    expect(second).toBe(first);
    for (const name of long) featuresOf(name);
    expect(featuresOf('a')).not.toBe(first);
    expect(featuresOf('a')).toEqual(['a']);
  });

  it('shares what equal wishes have in common', () => {
    const [first, second] = [1, 2].map((id) => planRequest(ask(['plain:a', 'plain:b'], { driver_id: [id] }), kinds));
    expect(first?.views[0]?.features).toBe(second?.views[0]?.features);
    expect(planRequest(ask(['plain:a', 'plain:b'], { driver_id: [1] }, { fullFeatureNames: true }), kinds).views[0]?.names).toEqual(['"plain__a"', '"plain__b"']);
    expect(planRequest(ask(['plain:b', 'plain:a'], { driver_id: [1] }), kinds).views[0]?.names).toEqual(['"b"', '"a"']);
  });

  it('has composite keys with the names sorted, whatever the order of the request', () => {
    const plan = planRequest(ask(['pair:trips'], { driver_id: [1, 1], customer_id: ['c', 7] }), kinds);
    const both = (customer: unknown): string => key(['customer_id', customer, keyType.string], ['driver_id', 1, keyType.int64]);
    expect(keysOf(plan)).toEqual([[both('c'), both('7')]]);
    expect(plan.joinKeys.map(({ name }) => name)).toEqual(['driver_id', 'customer_id']);
  });

  it('looks a part of a composite key up as Feast does', () => {
    expect(keysOf(planRequest(ask(['pair:trips'], { driver_id: [1] }), kinds))).toEqual([[driver(1)]]);
  });

  it('keeps texts apart that look alike when they are joined', () => {
    const plan = planRequest(ask(['pair:trips'], { customer_id: ['a","b', 'a'], driver_id: [1, 1] }), kinds);
    expect(plan.views[0]?.keys).toHaveLength(2);
  });

  it('keeps integers exact beyond 2^53', () => {
    const near = [9007199254740991, 9007199254740992n, 9007199254740993n, -9007199254740993n];
    const plan = planRequest(ask(['plain:a'], { driver_id: near }), kinds);
    expect(plan.joinKeys[0]?.json).toEqual(['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993']);
    expect(plan.views[0]?.keys.map((bytes) => bytes.readBigInt64LE(bytes.length - 8))).toEqual([9007199254740991n, 9007199254740992n, 9007199254740993n, -9007199254740993n]);
  });

  it('gives views without entities the one key they have, and shows it to nobody', () => {
    const plan = planRequest(ask(['nobody:weather', 'plain:a'], { driver_id: [1, 2] }), kinds);
    const dummy = key(['__dummy_id', '', keyType.string]);
    expect(keysOf(plan)).toEqual([[dummy, dummy], [driver(1), driver(2)]]);
    expect(plan.joinKeys.map(({ name }) => name)).toEqual(['driver_id']);
    expect(planRequest(ask(['nobody:weather'], { anything: [1, 2, 3] }), kinds).views[0]?.keyOfRow).toEqual([0, 0, 0]);
  });

  it('serves a service with its selection, its names and its renamed join keys', () => {
    const plan = planRequest(service('renamed', { chauffeur_id: [1], other_id: [2], driver_id: [3], customer_id: ['c'] }, true), kinds);
    expect(plan.views.map(({ names }) => names)).toEqual([['"drivers__b"', '"drivers__a"'], ['"others__a"'], ['"pair__trips"']]);
    // Feast lets a column with the join key's own name count as well as the alias: the later one wins.
    expect(keysOf(plan)).toEqual([[driver(3)], [driver(3)], [key(['customer_id', 'c', keyType.string], ['driver_id', 3, keyType.int64])]]);
    const renamed = planRequest(service('renamed', { customer_id: ['c'], driver_id: [3], chauffeur_id: [1], other_id: [2] }, true), kinds);
    expect(keysOf(renamed).slice(0, 2)).toEqual([[driver(1)], [driver(2)]]);
  });

  it('takes the name of an entity for its join key', () => {
    const plan = planRequest(ask(['plain:a'], { driver: [7] }), kinds);
    expect([plan.joinKeys, keysOf(plan)]).toEqual([[{ name: 'driver_id', json: ['7'] }], [[driver(7)]]]);
  });

  it('echoes join keys that no view of the request has, with the type of their values', () => {
    const plan = planRequest(ask(['plain:a'], { driver_id: [1, 2, 3], customer_id: ['x', 5, null], unknown: [1, 2, 3] }), kinds);
    expect(plan.joinKeys).toEqual([{ name: 'driver_id', json: ['1', '2', '3'] }, { name: 'customer_id', json: ['"x"', '"5"', 'null'] }]);
  });

  it('reads versions by number, and the present one without', () => {
    const plan = planRequest(ask(['grown@v0:one', 'grown@V1:two', 'grown@latest:one', 'grown@:two'], { driver_id: [1] }, { fullFeatureNames: true }), versioned);
    expect(plan.views.map(({ view, names }) => [view.storedName, names])).toEqual([
      ['grown', ['"grown@v0__one"']],
      ['grown_v1', ['"grown@v1__two"']],
      ['grown_v1', ['"grown__one"', '"grown__two"']],
    ]);
  });

  it('looks at no feature beside a service, however many there are', () => {
    const features = Array.from({ length: 1_000_001 }, () => 'nope:x');
    const request = { ...service('renamed', { chauffeur_id: [1], other_id: [2], driver_id: [3], customer_id: ['c'] }, true), features };
    expect(planRequest(request, kinds).views).toHaveLength(3);
  });

  it('has an answer without features for a view that Feast never fills', () => {
    expect(planRequest(ask(['hidden:h'], { driver_id: [1] }), kinds).views[0]?.view.name).toBe('hidden');
  });
});

describe('a request that Feast refuses', () => {
  const notFound = (className: string, message: string): [number, string] => [404, `{"module": "feast.errors", "class": "${className}", "message": "${message}"}`];
  const one = { driver_id: [1] };

  it.each<[string, FeatureRequest, [number, unknown]]>([
    ['no features', ask([], one), [500, 'No features specified for retrieval']],
    ['an empty service name and no features', ask([], one, { featureService: '' }), [500, 'No features specified for retrieval']],
    ['a reference without a colon before an unknown view', ask(['nope:x', 'plain'], one), [500, expect.stringMatching(/^Invalid feature reference 'plain'/)]],
    ['an unknown view', ask(['nope:x'], one), notFound('FeatureViewNotFoundException', 'Feature view nope does not exist in project kinds')],
    ['a view without a name', ask([':x'], one), notFound('FeatureViewNotFoundException', 'Feature view  does not exist in project kinds')],
    ['a view of another project', ask(['plain:of_another_project'], one), [500, "'Feature of_another_project not found in projection plain'"]],
    ['an unknown view before an unknown feature', ask(['plain:x', 'nope:x'], one), notFound('FeatureViewNotFoundException', 'Feature view nope does not exist in project kinds')],
    ['an unknown service', service('nope', one), notFound('FeatureServiceNotFoundException', 'Feature service nope does not exist in project kinds')],
    ['an unknown feature', ask(['plain:x'], one), [500, "'Feature x not found in projection plain'"]],
    ['a disabled view', ask(['off:o'], one), [500, expect.stringMatching(/^Feature view 'off' is disabled and cannot serve features\./)]],
    ['a version where they are not in use', ask(['plain@v2:a'], one), [500, expect.stringMatching(/^Version-qualified ref 'plain@v2' not supported: online versioning is disabled\./)]],
    ['a version that is no number', ask(['plain@two:a'], one), notFound('FeatureViewNotFoundException', 'Feature view plain@two does not exist in project kinds')],
    ['two features of one name', ask(['plain:a', 'plain:a'], one), [500, expect.stringContaining('Duplicate features named a found.')]],
    ['two features of one name in a service', service('renamed', one), [500, expect.stringContaining('Duplicate features named a found.')]],
    ['no entities', ask(['plain:a'], {}), [500, "'pop from an empty set'"]],
    ['rows of different lengths, also of an ignored column', ask(['plain:a'], { driver_id: [1], ignored: [1, 2] }), [500, 'All entity rows must have the same columns.']],
    ['no values', ask(['plain:a'], { driver_id: [] }), [500, expect.stringMatching(/^"Missing join key values for keys: \['customer_id'\]\. No values provided for keys: \['customer_id', 'driver_id'\]/)]],
    ['no join key', ask(['plain:a'], { ignored: [1] }), [500, expect.stringContaining('Provided join_key_values: []')]],
    ['a null', ask(['plain:a'], { driver_id: [1, null] }), [500, "attribute name must be string, not 'NoneType'"]],
    ['a text for a number', ask(['plain:a'], { driver_id: ['abc'] }), [500, "invalid literal for int() with base 10: 'abc'"]],
    ['a value that nobody can guess, in an ignored column', ask(['plain:a'], { driver_id: [1], ignored: [{}] }), [500, "Couldn't infer value type from empty value"]],
    ['a number too large', ask(['plain:a'], { driver_id: [2n ** 63n] }), [500, 'Value out of range: 9223372036854775808']],
  ])('is refused in the same words: %s', (_name, request, expected) => {
    expect(refusalOf(request)).toEqual(expected);
  });

  it('for an unknown version where versions are in use', () => {
    expect(refusalOf(ask(['grown@v7:one'], one), versioned)).toEqual(notFound('FeatureViewVersionNotFound', 'Version v7 of feature view grown does not exist in project kinds'));
    expect(refusalOf(ask(['grown@v0:two'], one), versioned)).toEqual([500, "'Feature two not found in projection grown@v0'"]);
  });

  it('when its names only look like those of a good one once they are joined', () => {
    expect(refusalOf(ask(['plain:a', 'plain:b'], one))[0]).toBe(200);
    expect(refusalOf(ask(['plain:a\0plain:b'], one))).toEqual([500, expect.stringContaining('not found in projection plain')]);
  });

  it('is not remembered as good, nor a good one as refused', () => {
    expect(refusalOf(ask(['plain:a'], { driver_id: [null] }))[0]).toBe(500);
    expect(refusalOf(ask(['plain:a'], one))[0]).toBe(200);
    expect(refusalOf(ask(['plain:x'], one))[0]).toBe(500);
    expect(refusalOf(ask(['plain:x'], one))[0]).toBe(500);
  });
});
