/**
 * Field sets obey the laws of sets, and survive their written form.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, property } from 'fast-check';
import {
  difference,
  emptySet,
  fromFieldsV1,
  intersection,
  isEmptySet,
  membersOf,
  sameSet,
  setOf,
  showPath,
  toFieldsV1,
  union,
  type FieldSet,
} from '../../../src/local/apiserver/apply/field-set.ts';

const element = constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}', 'v:"y"');
const path = array(element, { minLength: 1, maxLength: 3 });
const fieldSet = array(path, { maxLength: 8 }).map((paths) => setOf(...paths));
const members = (set: FieldSet): Set<string> => new Set(membersOf(set).map((member) => member.join('/')));

describe('field sets', () => {
  it('unite, intersect and differ as sets of paths do', () => {
    assert(
      property(fieldSet, fieldSet, (a, b) => {
        expect(members(union(a, b))).toEqual(members(a).union(members(b)));
        expect(members(intersection(a, b))).toEqual(members(a).intersection(members(b)));
        expect(members(difference(a, b))).toEqual(members(a).difference(members(b)));
      }),
    );
  });

  it('keep no empty branches, so that an empty set is seen to be one', () => {
    assert(property(fieldSet, (a) => isEmptySet(difference(a, a)) && isEmptySet(intersection(a, emptySet))));
  });

  it('are read back as they were written', () => {
    assert(property(fieldSet, (a) => sameSet(fromFieldsV1(toFieldsV1(a)), a)));
  });

  it('read nonsense as an empty set', () => {
    for (const value of [undefined, null, 1, 'x', [], {}]) expect(isEmptySet(fromFieldsV1(value))).toBe(true);
  });

  it('show paths as kubectl users know them', () => {
    expect(showPath(['f:spec', 'f:containers', 'k:{"name":"server"}', 'f:image'])).toBe('.spec.containers[name="server"].image');
    expect(showPath(['f:metadata', 'f:finalizers', 'v:"a"'])).toBe('.metadata.finalizers[="a"]');
  });
});
