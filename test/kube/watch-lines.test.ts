import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseWatchLine, readLines } from '../../src/kube/watch-lines.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

const collect = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
};

describe('readLines', () => {
  it('gives the same lines however the network cuts the bytes', async () => {
    const text = fc.string({ unit: 'binary' }).map((line) => line.replaceAll('\n', ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(fc.nat()), async (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
        expect(await collect(readLines(pieces(bytes, cuts), 'watch', 1e6))).toEqual(lines.map((line) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(line))));
      }),
    );
  });

  it('rejects a stream that ends in the middle of a line, after the whole ones', async () => {
    const lines = readLines(pieces(Buffer.from('one\ntwo'), []), 'watch pods', 1e6);
    await expect(lines.next()).resolves.toEqual({ done: false, value: 'one' });
    await expect(lines.next()).rejects.toMatchObject({ kind: 'Malformed', message: 'watch pods: the stream ended in the middle of a line' });
  });

  it('holds no more than the longest allowed line', async () => {
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1_000, 'x');
    };
    await expect(collect(readLines(endless(), 'watch pods', 10_000))).rejects.toMatchObject({ kind: 'Malformed' });
  });
});

describe('parseWatchLine', () => {
  it('throws an ERROR line as the error that it stands for', () => {
    const line = JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (9)' } });
    expect(() => parseWatchLine(line, 'watch pods')).toThrow(expect.objectContaining({ kind: 'Gone', message: 'watch pods: 410 Expired: too old resource version: 1 (9)' }));
  });

  it('throws nothing but an ApiError, whatever the line is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.record({ type: fc.constantFrom('ADDED', 'ERROR', 'X'), object: fc.jsonValue() }).map((value) => JSON.stringify(value))), (line) => {
        try {
          expect(parseWatchLine(line, 'watch').object.metadata).toBeInstanceOf(Object);
        } catch (error) {
          expect(error).toHaveProperty('name', 'ApiError');
        }
      }),
    );
  });
});
