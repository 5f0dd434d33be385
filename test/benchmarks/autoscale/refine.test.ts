import { describe, expect, it } from '@jest/globals';
import { neighbours } from '../../bench/autoscale/refine.ts';
import { settingsOf } from '../../bench/autoscale/suite.ts';

const cpu = (target: number, threads = 4): string[] => ['--policy', 'hpa-cpu', '--threads', String(threads), '--cpu-target', String(target)];

describe('settings between those of a grid', () => {
  it.each<[string, string[], string[][], string[][]]>([
    ['halfway on both sides', cpu(50), [cpu(40), cpu(50), cpu(60)], [cpu(45), cpu(55)]],
    ['on one side at the end of the grid', cpu(40), [cpu(40), cpu(50)], [cpu(45)]],
    ['of the same threads only', cpu(50), [cpu(50), cpu(40, 8)], []],
    ['none between whole numbers that follow one another', cpu(50), [cpu(49), cpu(50), cpu(52)], [cpu(51)]],
  ])('%s', (_what, setting, known, expected) => {
    expect(neighbours(setting, known)).toEqual(expected);
  });

  it('are new to the grid of every peer', () => {
    for (const peer of ['hpa-cpu', 'hpa-p95', 'keda-rps', 'kpa', 'static']) {
      const grid = settingsOf(peer, false);
      const known = new Set(grid.map((setting) => setting.join(' ')));
      const found = grid.flatMap((setting) => neighbours(setting, grid));
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((setting) => !known.has(setting.join(' ')))).toBe(true);
    }
  });
});
