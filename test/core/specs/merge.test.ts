import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { mergeObjects } from '../../../src/core/specs/merge.ts';

describe('mergeObjects', () => {
  it.each([
    ['maps deeply', { a: { b: 1, c: 2 } }, { a: { c: 3 } }, { a: { b: 1, c: 3 } }],
    ['null removes', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['containers by name', { containers: [{ name: 'x', a: 1 }] }, { containers: [{ name: 'x', b: 2 }, { name: 'y' }] }, { containers: [{ name: 'x', a: 1, b: 2 }, { name: 'y' }] }],
    ['mounts by path', { volumeMounts: [{ mountPath: '/a', name: 'x' }] }, { volumeMounts: [{ mountPath: '/a', name: 'y' }] }, { volumeMounts: [{ mountPath: '/a', name: 'y' }] }],
    ['volumes whole, since a volume has one source', { volumes: [{ name: 'tmp', emptyDir: {} }] }, { volumes: [{ name: 'tmp', secret: {} }] }, { volumes: [{ name: 'tmp', secret: {} }] }],
    ['variables whole, since one has one source', { env: [{ name: 'A', value: '1' }] }, { env: [{ name: 'A', valueFrom: {} }] }, { env: [{ name: 'A', valueFrom: {} }] }],
    ['a probe of another kind in the place of ours', { p: { httpGet: { path: '/a' }, periodSeconds: 2 } }, { p: { exec: { command: ['x'] } } }, { p: { exec: { command: ['x'] }, periodSeconds: 2 } }],
    ['a probe of the same kind into ours', { p: { httpGet: { path: '/a', port: 1 } } }, { p: { httpGet: { path: '/b' } } }, { p: { httpGet: { path: '/b', port: 1 } } }],
    ['other lists whole', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    ['entries without a key stay', { containers: ['odd'] }, { containers: [{ name: 'x' }] }, { containers: ['odd', { name: 'x' }] }],
  ])('%s', (_name, base, overlay, expected) => {
    expect(mergeObjects(base, overlay)).toEqual(expected);
  });

  const json = fc.dictionary(fc.constantFrom('a', 'b', 'containers'), fc.jsonValue().map((value) => structuredClone(value))) as fc.Arbitrary<Record<string, unknown>>;

  it('changes nothing with an empty overlay, and neither input ever', () => {
    fc.assert(
      fc.property(json, json, (base, overlay) => {
        const before = JSON.stringify([base, overlay]);
        mergeObjects(base, overlay);
        expect(JSON.stringify([base, overlay])).toBe(before);
        expect(mergeObjects(base, {})).toEqual(base);
      }),
    );
  });
});
