import { describe, expect, it } from '@jest/globals';
import { Pauses } from '../../src/conformance/load/pauses.ts';

const after = (...gapsMs: number[]): Pauses => {
  let now = 1000;
  const pauses = new Pauses(now);
  for (const gap of gapsMs) pauses.note((now += gap));
  return pauses;
};

describe('when the load generator stood still', () => {
  it.each([
    { gaps: [], share: 0, longest: 0 },
    { gaps: [1, 2, 1, 10], share: 0, longest: 0 },
    { gaps: [10, 40, 10, 20, 20], share: 0.8, longest: 40 },
    { gaps: [0, 0], share: 0, longest: 0 },
  ])('is a gap of more than 10 ms between two turns: $gaps', ({ gaps, share, longest }) => {
    const pauses = after(...gaps);
    expect({ share: pauses.share, longest: pauses.longestMs }).toEqual({ share, longest });
  });
});
