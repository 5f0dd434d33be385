/**
 * Recorded decisions evaluated again: as they were, or as they would have been under other settings.
 *
 * @module
 */
import { fromFormerLeader } from '../autoscale/memory.ts';
import { recommend } from '../autoscale/recommend.ts';
import type { AutoscaleSpec, Recommendation } from '../autoscale/types.ts';
import { differences } from './compare.ts';
import type { Difference } from './compare.ts';
import type { DecisionRecord } from './record.ts';

export interface Replayed {
  now: Recommendation;
  differences: Difference[];
}

/** Through JSON, since that is where the recorded one has been. */
const written = (answer: Recommendation): unknown => JSON.parse(JSON.stringify(answer));

/** The decision from the very input that was recorded: any difference is one of the law. */
export const replay = (record: DecisionRecord): Replayed => {
  const now = recommend(record.input);
  return { now, differences: differences(record.output, written(now)) };
};

/** What was decided, without how it is told. */
const decided = ['scale', 'class', 'reason', 'guard', 'boundBy'] as const;
const decisionOf = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null ? Object.fromEntries(decided.map((name) => [name, Reflect.get(answer, name) as unknown])) : null;

const isFormerLeaders = (memory: unknown): boolean => typeof memory === 'object' && memory !== null && 'at' in memory && memory.at === null;

/** An operator that had forgotten, or had taken over, does so in the replay too. */
const carriedOn = (recorded: unknown, carried: unknown): unknown => {
  if (recorded === null) return null;
  return isFormerLeaders(recorded) ? fromFormerLeader(carried) : carried;
};

/**
 * Decisions one after another under a changed spec, with the memory that they would have left. The windows stay those that
 * were measured at the sizes that the fleet really had.
 */
export class WhatIf {
  readonly #change: (spec: AutoscaleSpec) => AutoscaleSpec;
  readonly #memories = new Map<string, unknown>();

  constructor(change: (spec: AutoscaleSpec) => AutoscaleSpec) {
    this.#change = change;
  }

  replay({ object, input, output }: DecisionRecord): Replayed {
    const key = `${object.namespace}/${object.name}/${object.uid}`;
    const memory = this.#memories.has(key) ? carriedOn(input.memory, this.#memories.get(key)) : input.memory;
    const now = recommend({ ...input, memory, spec: this.#change(input.spec) });
    this.#memories.set(key, now.memory);
    return { now, differences: differences(decisionOf(output), decisionOf(written(now))) };
  }
}
