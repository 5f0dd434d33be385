import { describe, expect, it } from '@jest/globals';
import { StoreNews } from '../../../src/worker/primary/store-news.ts';

describe('news of the store', () => {
  it('are a line for each loss and a line for each return', () => {
    const lines: unknown[] = [];
    let now = 0;
    const news = new StoreNews((level, message, fields) => lines.push([level, message.split(':')[0], fields]), () => now);
    for (const problem of [undefined, undefined, 'it is frozen', 'it is gone', 'it is gone', undefined, undefined, 'it is full', undefined]) {
      now += 500;
      news.hear(problem);
    }
    expect(lines).toEqual([
      ['error', 'the online store is lost, wholly or in part', { problem: 'it is frozen' }],
      ['info', 'the online store is back', { awaySeconds: 1.5 }],
      ['error', 'the online store is lost, wholly or in part', { problem: 'it is full' }],
      ['info', 'the online store is back', { awaySeconds: 0.5 }],
    ]);
  });
});
