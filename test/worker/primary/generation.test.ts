import { describe, expect, it } from '@jest/globals';
import { judgeChange } from '../../../src/worker/primary/generation.ts';

const current = { threads: 8, processes: 2, generation: 2 ** 32 + 5, objectiveMs: 30 };
const limits = { threads: { min: 1, max: 64 }, processes: { min: 1, max: 4 } };

describe('a change of the pool', () => {
  it.each([
    ['a higher generation', { generation: current.generation + 1, threads: 6 }, 'apply'],
    ['a higher generation that changes nothing', { generation: current.generation + 1 }, 'apply'],
    ['a later leader, whatever its counter', { generation: 2 * 2 ** 32, threads: 1 }, 'apply'],
    ['a lower generation', { generation: current.generation - 1, threads: 6 }, 'stale'],
    ['a lower generation with the same sizes', { generation: current.generation - 1, threads: 8 }, 'stale'],
    ['a lower generation outside the limits', { generation: 1, threads: 1000 }, 'stale'],
    ['the same once more', { generation: current.generation, threads: 8, processes: 2, objectiveMs: 30 }, 'same'],
    ['the same generation and no size', { generation: current.generation }, 'same'],
    ['the same generation with other threads', { generation: current.generation, threads: 9 }, 'stale'],
    ['the same generation with another objective', { generation: current.generation, objectiveMs: 31 }, 'stale'],
    ['no thread', { generation: current.generation + 1, threads: 0 }, 'outside'],
    ['too many threads', { generation: current.generation + 1, threads: 65 }, 'outside'],
    ['too many processes', { generation: current.generation + 1, processes: 5 }, 'outside'],
  ])('%s', (_name, change, verdict) => {
    expect(judgeChange(change, current, limits).kind).toBe(verdict);
  });

  it('keeps what it does not name', () => {
    const verdict = judgeChange({ generation: current.generation + 1, processes: 3 }, current, limits);
    expect(verdict).toEqual({ kind: 'apply', next: { ...current, processes: 3, generation: current.generation + 1 } });
  });
});
