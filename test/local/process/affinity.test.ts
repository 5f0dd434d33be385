import { describe, expect, it } from '@jest/globals';
import { allowedCores, parseCores, pinnedTo } from '../../../src/local/process/affinity.ts';

describe('cores', () => {
  it.each([
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['0-1,8,10-11\n', [0, 1, 8, 10, 11]],
    ['', []],
    ['3-1', []],
    ['all', []],
  ])('of the list %j are %j', (list, cores) => {
    expect(parseCores(list)).toEqual(cores);
  });

  it('are none where the kernel does not tell', () => {
    expect(allowedCores('/nowhere/status')).toEqual([]);
  });

  it('keep a program by taskset', () => {
    expect(pinnedTo(3, ['node', '-e', '1'])).toEqual(['taskset', '--cpu-list', '3', 'node', '-e', '1']);
  });
});
