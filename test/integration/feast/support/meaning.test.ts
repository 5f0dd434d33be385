import { describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { meaningOf } from './meaning.ts';

const answer = (names: readonly string[], ...columns: readonly string[]): string =>
  `{"results":[${columns.join(',')}],"metadata":{"feature_names":${JSON.stringify(names)}}}`;
const column = (values: string, status = 'PRESENT', time = '2026-08-01T12:00:00Z'): string => `{"values":[${values}],"statuses":["${status}"],"event_timestamps":["${time}"]}`;
const same = (a: string, b: string, [statusA, statusB] = [200, 200]): boolean =>
  isDeepStrictEqual(meaningOf({ status: statusA, text: a }), meaningOf({ status: statusB, text: b }));
const feastError = (message: string): string => JSON.stringify(JSON.stringify({ module: 'feast.errors', class: 'X', message }));

describe('two answers mean the same', () => {
  it.each([
    ['when columns come in another order', answer(['a', 'b'], column('1'), column('2')), answer(['b', 'a'], column('2'), column('1'))],
    ['when a float is written otherwise', answer(['a'], column('1e22')), answer(['a'], column('1E+22'))],
    ['when a map has another order', answer(['a'], column('{"x":1,"y":2}')), answer(['a'], column('{"y":2,"x":1}'))],
  ])('%s', (_when, a, b) => {
    expect(same(a, b)).toBe(true);
  });
});

describe('two answers mean different things', () => {
  it.each([
    ['an int64 that a double would round', answer(['a'], column('9007199254740993')), answer(['a'], column('9007199254740992'))],
    ['an integer and a float', answer(['a'], column('1')), answer(['a'], column('1.0'))],
    ['the sign of zero', answer(['a'], column('0.0')), answer(['a'], column('-0.0'))],
    ['a number and a text', answer(['a'], column('1')), answer(['a'], column('"1"'))],
    ['the text of a marked number', answer(['a'], column('1')), answer(['a'], column('"integer 1"'))],
    ['a list in another order', answer(['a'], column('[1,2]')), answer(['a'], column('[2,1]'))],
    ['a status', answer(['a'], column('null')), answer(['a'], column('null', 'NOT_FOUND'))],
    ['an event time', answer(['a'], column('1')), answer(['a'], column('1', 'PRESENT', '2026-08-01T12:00:00.5Z'))],
    ['names that changed places without their columns', answer(['a', 'b'], column('1'), column('2')), answer(['b', 'a'], column('1'), column('2'))],
    ['a column that comes twice', answer(['a', 'a'], column('1'), column('1')), answer(['a'], column('1'))],
    ['a column without a name', answer(['a'], column('1'), column('1')), answer(['a'], column('1'))],
  ])('%s', (_what, a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('errors: the status, and what the SDK rebuilds', () => {
    expect(same(feastError('m'), feastError('m'), [404, 404])).toBe(true);
    expect(same(feastError('m'), feastError('n'), [404, 404])).toBe(false);
    expect(same(feastError('m'), feastError('m'), [404, 500])).toBe(false);
    expect(same('"one sentence"', '"another"', [500, 500])).toBe(true);
    expect(same('"one sentence"', feastError('m'), [500, 500])).toBe(false);
    expect(same('"one sentence"', '{"detail":"x"}', [500, 500])).toBe(false);
  });

  it('validation errors: types and places, not the words', () => {
    const problem = (type: string, loc: string, msg: string): string => JSON.stringify({ detail: [{ type, loc: ['body', loc], msg }] });
    expect(same(problem('t', 'a', 'm'), problem('t', 'a', 'n'), [422, 422])).toBe(true);
    expect(same(problem('t', 'a', 'm'), problem('t', 'b', 'm'), [422, 422])).toBe(false);
    expect(same(problem('t', 'a', 'm'), problem('u', 'a', 'm'), [422, 422])).toBe(false);
  });
});
