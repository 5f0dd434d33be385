import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseExactJson, stringifyExact } from '../../../src/worker/feast/exact-json.ts';
import { findJsonError } from '../../../src/worker/feast/json-error.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('exact JSON', () => {
  it('keeps integers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
        const parsed = parseExactJson(`{"a":[${value}]}`);
        expect(stringifyExact(parsed)).toBe(`{"a":[${value}]}`);
      }),
    );
  });

  it('is JSON.parse for everything else', () => {
    const wholeAndLarge = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, (_key, part: unknown) => (wholeAndLarge(part) ? 0 : part));
        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['7.0', '7.0'],
    ['-0.0', '-0.0'],
    ['1.50e1', '15.0'],
    ['1e3', '1000.0'],
    ['1E+16', '1e+16'],
    ['1e5 ', '100000.0'],
    ['12345678901234567890.0', '1.2345678901234567e+19'],
  ])('tells the whole float %s from an integer, and writes it as Python does', (text, written) => {
    expect(stringifyExact(parseExactJson(`[1,${text}]`))).toBe(`[1,${written}]`);
    expect(stringifyExact(parseExactJson(`{"a":${text}}`))).toBe(`{"a":${written}}`);
  });

  it.each(['0', '-0', '7', '0.5', '1.25e1', '1e-7', '"7.0"', '"1e3"'])('leaves %s as JSON.parse reads it', (text) => {
    expect(parseExactJson(`[8.0,${text}]`)).toEqual([expect.anything(), JSON.parse(text)]);
  });

  it('leaves long digits in strings and fractions alone', () => {
    expect(parseExactJson('["12345678901234567890", 1.2345678901234567, 1e400]')).toEqual(['12345678901234567890', 1.2345678901234567, Infinity]);
  });
});

describe('where a text is not JSON', () => {
  // Positions and words are those of Python 3.11's json.loads.
  it.each([
    ['{bad', 1, 'Expecting property name enclosed in double quotes'],
    ['{"a" 1}', 5, "Expecting ':' delimiter"],
    ['{"a": 1', 7, "Expecting ',' delimiter"],
    ['{"a": 1,}', 8, 'Expecting property name enclosed in double quotes'],
    ['[1,]', 3, 'Expecting value'],
    ['[1 2]', 3, "Expecting ',' delimiter"],
    ['{} x', 3, 'Extra data'],
    ['"abc', 0, 'Unterminated string starting at'],
    ['"a\nb"', 2, 'Invalid control character at'],
    ['tru', 0, 'Expecting value'],
    ['  ', 2, 'Expecting value'],
  ])('%p: at %i, %s', (text, position, message) => {
    expect(findJsonError(text)).toEqual({ position, message });
  });

  it('agrees with JSON.parse on what is JSON', () => {
    const fragments = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '1', '-', '01', '1.', '.5', 'e5', 'null', 'nul', ' ', '\\', '\u0001'), { maxLength: 8 });
    const broken = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, more]) => text.slice(0, at % (text.length + 1)) + more + text.slice((at % (text.length + 1)) + 1));
    fc.assert(
      fc.property(fc.oneof(fragments.map((parts) => parts.join('')), broken, fc.json()), (text) => {
        expect([text, findJsonError(text) === undefined]).toEqual([text, isJson(text)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a million brackets without recursion', () => {
    expect(findJsonError('['.repeat(1_000_000))).toEqual({ position: 1_000_000, message: 'Expecting value' });
  });
});
