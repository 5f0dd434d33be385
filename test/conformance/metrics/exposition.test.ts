import { describe, expect, it } from '@jest/globals';
import { assert, property, string } from 'fast-check';
import { readExposition } from '../../../src/conformance/metrics/exposition.ts';

describe('the reader of the Prometheus text format', () => {
  it('reads types, labels in any order, escapes, timestamps and infinities', () => {
    const page = readExposition('# HELP a what\n# TYPE a counter\na{y="2",x="1"} 3\na{ x = "q\\"\\\\\\n}" , } 4 1700000000000\nb +Inf\nc{} 1e-3\r\n\n');
    expect(page.mistakes).toEqual([]);
    expect(page.types.get('a')).toBe('counter');
    expect(page.samples.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])).toEqual([
      ['a', { y: '2', x: '1' }, 3],
      ['a', { x: 'q"\\\n}' }, 4],
      ['b', {}, Infinity],
      ['c', {}, 0.001],
    ]);
    expect(readExposition('a{y="2",x="1"} 3\n').samples[0]?.key).toBe(readExposition('a{x="1",y="2"} 3\n').samples[0]?.key);
  });

  it.each([
    ['no value', 'a\n', 'no number'],
    ['no number', 'a one\n', 'no number'],
    ['a hexadecimal number', 'a 0x10\n', 'no number'],
    ['no name', '{a="1"} 1\n', 'no metric name'],
    ['open labels', 'a{b="1" 1\n', 'labels'],
    ['a label without quotes', 'a{b=1} 1\n', 'labels'],
    ['a label twice', 'a{b="1",b="2"} 1\n', 'labels'],
    ['an escape that is none', 'a{b="\\q"} 1\n', 'labels'],
    ['a series twice', 'a{b="1"} 1\na{b="1"} 1\n', 'twice'],
    ['a type twice', '# TYPE a counter\n# TYPE a gauge\n', 'two types'],
    ['a type that is none', '# TYPE a number\n', 'no type'],
    ['words behind the value', 'a 1 2 3\n', 'follows'],
    ['a last line that was cut off', 'a 1\nb 1', 'no end'],
  ])('tells of %s', (_name, text, sentence) => {
    expect(readExposition(text).mistakes).toEqual([expect.stringContaining(sentence)]);
  });

  it('reads anything to its end, and keeps the list of mistakes short', () => {
    assert(property(string({ maxLength: 400 }), (text) => readExposition(text).mistakes.length <= 10));
    expect(readExposition('?\n'.repeat(1000)).mistakes).toHaveLength(10);
  });
});
