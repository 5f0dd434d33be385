import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { differences } from '../../../src/core/decisions/compare.ts';

describe('differences', () => {
  it.each<[string, unknown, unknown, unknown[]]>([
    ['nothing', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['a number deep inside', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, [{ field: 'a[1].b', was: 2, is: 3 }]],
    ['a field that is gone', { a: 1, b: 2 }, { a: 1 }, [{ field: 'b', was: 2, is: undefined }]],
    ['a field that is new', { a: 1 }, { a: 1, b: null }, [{ field: 'b', was: undefined, is: null }]],
    ['a longer list', [1], [1, 2], [{ field: '[1]', was: undefined, is: 2 }]],
    ['a value that became an object', { a: 1 }, { a: { b: 2 } }, [{ field: 'a', was: 1, is: undefined }, { field: 'a.b', was: undefined, is: 2 }]],
    ['names of every object', { constructor: 1 }, {}, [{ field: 'constructor', was: 1, is: undefined }]],
    ['0 and null', { a: 0 }, { a: null }, [{ field: 'a', was: 0, is: null }]],
  ])('%s', (_name, was, is, expected) => {
    expect(differences(was, is)).toEqual(expected);
  });

  it('finds none in a copy, and one in any other leaf', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(differences(value, JSON.parse(JSON.stringify(value)))).toEqual([])));
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => expect(differences({ a }, { a: { b, more: 1 } }).length).toBeGreaterThan(0)), { examples: [[{ b: 1, more: 2 }, 1]] });
  });
});
