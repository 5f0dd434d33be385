import { describe, expect, it } from '@jest/globals';
import { confusionOf } from '../../bench/causes/confusion.ts';
import type { Pair } from '../../bench/causes/confusion.ts';
import { drawConfusions } from '../../bench/causes/report/picture.ts';

const pair = (truth: Pair['truth'], found: Pair['found']): Pair => ({ truth, found });

describe('confusionOf', () => {
  it('counts truth in rows and finding in columns, in the order of the law', () => {
    const { classes, counts } = confusionOf([pair('OK', 'OK'), pair('GIL', 'GIL'), pair('GIL', 'OK')]);
    expect(classes).toEqual(['GIL', 'OK']);
    expect(counts).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  it('takes F1 from precision and recall, and its mean over the classes that are true somewhere', () => {
    // GIL: 2 right, 1 missed; OK: 1 right, 1 too many; STORE is found and never true.
    const { f1, macroF1 } = confusionOf([pair('GIL', 'GIL'), pair('GIL', 'GIL'), pair('GIL', 'OK'), pair('OK', 'OK'), pair('OK', 'STORE')]);
    expect(f1.GIL).toBeCloseTo(4 / 5);
    expect(f1.OK).toBeCloseTo(2 / 4);
    expect(f1.STORE).toBeUndefined();
    expect(macroF1).toBeCloseTo((4 / 5 + 2 / 4) / 2);
  });

  it('knows no F1 without runs', () => {
    expect(confusionOf([])).toEqual({ classes: [], counts: [], f1: {}, macroF1: null });
  });
});

describe('drawConfusions', () => {
  it('writes every count and the macro-F1 of each panel', () => {
    const svg = drawConfusions([{ title: 'held-out', confusion: confusionOf([pair('GIL', 'GIL'), pair('OK', 'OK'), pair('OK', 'OK')]) }]);
    expect(svg).toContain('held-out: macro-F1 1.00');
    expect(svg.match(/>[12]<\/text>/gu)).toEqual(['>1</text>', '>2</text>']);
  });
});
