import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { linesOf } from '../../src/cli/lines.ts';
import type { Line } from '../../src/cli/lines.ts';

const stream = async function* (chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
};
const read = async (chunks: readonly (string | Uint8Array)[], longest = 100): Promise<Line[]> => {
  const lines: Line[] = [];
  for await (const some of linesOf(stream(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))), longest)) lines.push(...some);
  return lines;
};

describe('linesOf', () => {
  it.each<[string, string[], Line[]]>([
    ['nothing', [], []],
    ['lines of one chunk', ['a\nb\n'], [{ number: 1, text: 'a' }, { number: 2, text: 'b' }]],
    ['a line over three chunks', ['a', 'b', 'c\nd\n'], [{ number: 1, text: 'abc' }, { number: 2, text: 'd' }]],
    ['a last line without its end', ['a\nhalf'], [{ number: 1, text: 'a' }, { number: 2, text: 'half' }]],
    ['empty lines, which count', ['\n\na\n'], [{ number: 1, text: '' }, { number: 2, text: '' }, { number: 3, text: 'a' }]],
    ['a line that is too long, and the one after it', ['x'.repeat(80), 'x'.repeat(80), '\nb\n'], [{ number: 1, tooLong: 160 }, { number: 2, text: 'b' }]],
    ['a last line that is too long', ['x'.repeat(101)], [{ number: 1, tooLong: 101 }]],
  ])('reads %s', async (_name, chunks, lines) => {
    expect(await read(chunks)).toEqual(lines);
  });

  it('gives what was written, wherever the stream was cut, also inside a character', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed().replaceAll('\n', ' ')), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat({ max: 200 })), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(await read(chunks, 1000)).toEqual(lines.map((text, index) => ({ number: index + 1, text })));
      }),
    );
  });
});
