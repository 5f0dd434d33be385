import { describe, expect, it } from '@jest/globals';
import type { BottleneckClass, FeatureServerStatus } from '../../../src/api/featureserver-status.ts';
import { decide } from '../../../src/core/featureserver/decide.ts';
import { eventReasons, narrate } from '../../../src/core/featureserver/narrate.ts';
import { nothingDone } from '../../../src/core/featureserver/outcome.ts';
import { observed } from './support/objects.ts';

const limitedBy = (found: BottleneckClass): FeatureServerStatus => ({ bottleneck: { class: found, since: 'now', evidence: 'the numbers', advice: '' } });

const told = (before: FeatureServerStatus | undefined, after: FeatureServerStatus): string[] =>
  narrate(before, after, { actions: [], taken: [] }, { ...decide(observed({})), move: null }, nothingDone)
    .filter(({ reason }) => reason === eventReasons.classChanged)
    .map(({ message }) => message);

describe('a change of what limits the fleet', () => {
  it.each<[BottleneckClass, BottleneckClass, string]>([
    ['OK', 'THREADS', 'limited by THREADS: the numbers'],
    ['THREADS', 'CPU', 'limited by CPU: the numbers'],
    ['THREADS', 'OK', 'no longer limited by THREADS: the numbers'],
    ['UNKNOWN', 'OK', 'nothing limits the fleet: the numbers'],
    ['OK', 'UNKNOWN', 'what limits the fleet cannot be told: the numbers'],
  ])('from %s to %s is one sentence', (before, after, sentence) => {
    expect(told(limitedBy(before), limitedBy(after))).toEqual([sentence]);
  });

  it('is not told at birth nor when nothing changed', () => {
    expect(told(undefined, limitedBy('OK'))).toEqual([]);
    expect(told(limitedBy('THREADS'), limitedBy('THREADS'))).toEqual([]);
  });
});
