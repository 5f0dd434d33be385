/**
 * Sizes that a live pool can be given for a try.
 *
 * @module
 */
import type { PoolChange, PoolState } from '../api/protocol.ts';

export interface Sizes {
  readonly threads: number;
  readonly processes: number;
}

type Knob = keyof Sizes;

/** What a `PUT /pool` can change. */
export const knobsLive = ({ live, limits }: Pick<PoolState, 'live' | 'limits'>): Knob[] =>
  (['threads', 'processes'] as const).filter((knob) => live[knob] && limits[knob].max > limits[knob].min);

/**
 * Up and down and back: twice the threads, one process more, half of the threads, and what it was.
 *
 * @returns sizes within the limits, each different from the one before, the last the present one
 */
export const otherSizes = (state: PoolState): Sizes[] => {
  const { threads, processes } = state;
  const wishes: Sizes[] = [
    { threads: threads * 2, processes },
    { threads: threads * 2, processes: processes + 1 },
    { threads: Math.ceil(threads / 2), processes: processes + 1 },
    { threads: Math.ceil(threads / 2), processes },
    { threads, processes },
  ];
  const possible = wishes.map((wish) => ({ threads: possibleSize(state, 'threads', wish.threads), processes: possibleSize(state, 'processes', wish.processes) }));
  return possible.filter((sizes, index) => {
    const before = possible[index - 1] ?? state;
    return sizes.threads !== before.threads || sizes.processes !== before.processes;
  });
};

const possibleSize = (state: PoolState, knob: Knob, wish: number): number => {
  const { min, max } = state.limits[knob];
  return state.live[knob] ? Math.min(max, Math.max(min, wish)) : state[knob];
};

/** The change that brings a pool to these sizes, without what is not live. */
export const changeTo = ({ live }: Pick<PoolState, 'live'>, { threads, processes }: Sizes): Omit<PoolChange, 'generation'> => ({
  ...(live.threads ? { threads } : {}),
  ...(live.processes ? { processes } : {}),
});
