import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { parseTrace, rateAt, TraceError, traceHeader } from '../../../src/local/load/trace.ts';

const points = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 1, maxLength: 50 })
  .map((steps) => {
    let seconds = 0;
    return steps.map(([step, rate], index) => ({ seconds: (seconds += index === 0 ? 0 : step), rate }));
  });
const write = (trace: { seconds: number; rate: number }[]): string =>
  [traceHeader, ...trace.map(({ seconds, rate }) => `${seconds},${rate}`)].join('\n');

describe('parseTrace', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(points, (trace) => {
        expect(parseTrace(write(trace), 'trace.csv').points).toEqual(trace);
      }),
    );
  });

  it('never fails but with a TraceError that names the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string().map((text) => `${traceHeader}\n${text}`)), (text) => {
        try {
          parseTrace(text, 'trace.csv');
        } catch (error) {
          expect(error).toBeInstanceOf(TraceError);
          expect(String(error)).toContain('trace.csv');
        }
      }),
    );
  });

  it.each([
    ['an empty file', '', 'trace.csv:1'],
    ['another header', 'time,rate\n0,1', 'trace.csv:1'],
    ['no data', `${traceHeader}\n\n`, 'no data'],
    ['a word for a number', `${traceHeader}\n0,1\n1,many`, 'trace.csv:3'],
    ['a negative rate', `${traceHeader}\n0,-1`, 'trace.csv:2'],
    ['NaN', `${traceHeader}\n0,NaN`, 'trace.csv:2'],
    ['an infinite number', `${traceHeader}\n0,1e999`, 'too large'],
    ['time that goes back', `${traceHeader}\n5,1\n4,1`, 'trace.csv:3'],
    ['a third column', `${traceHeader}\n0,1,2`, 'trace.csv:2'],
    ['an empty line in the middle', `${traceHeader}\n0,1\n\n2,1`, 'trace.csv:3'],
  ])('refuses %s', (_, text, part) => {
    expect(() => parseTrace(text, 'trace.csv')).toThrow(part);
  });

  it('takes Windows line ends, a byte-order mark and a trace that does not start at zero', () => {
    expect(parseTrace(`\uFEFF${traceHeader}\r\n10,1\r\n20,2\r\n`, 't')).toEqual({
      points: [{ seconds: 0, rate: 1 }, { seconds: 10, rate: 2 }],
      lengthSeconds: 20,
    });
  });
});

describe('rateAt', () => {
  const trace = parseTrace(`${traceHeader}\n0,10\n100,20\n200,40`, 't');

  it.each([
    [0, 20],
    [9.9, 20],
    [10, 40],
    [20, 80],
    [29.9, 80],
    [30, 20],
    [-1, 20],
  ])('at %d s of a trace compressed from 300 s to 30 s and doubled is %d', (seconds, expected) => {
    expect(rateAt({ trace, durationSeconds: 30, scale: 2 }, seconds)).toBe(expected);
  });

  it('is always one of the rates of the trace', () => {
    fc.assert(
      fc.property(points, fc.double({ min: 0, max: 1e5, noNaN: true }), fc.double({ min: 1, max: 1000, noNaN: true }), (given, at, duration) => {
        const parsed = parseTrace(write(given), 't');
        expect(given.map(({ rate }) => rate)).toContain(rateAt({ trace: parsed, durationSeconds: duration, scale: 1 }, at));
      }),
    );
  });
});
