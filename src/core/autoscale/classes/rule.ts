/**
 * What a class is: its evidence in one window, what a server has to report for it, and what a user can do about it.
 *
 * @module
 */
import type { BottleneckClass } from '../../../api/featureserver-status.ts';
import type { Facts } from '../measure.ts';
import type { Memory } from '../memory.ts';
import type { Situation } from '../situation.ts';

/** What evidence may look at: this window, and what earlier ones taught. */
export interface Seen {
  facts: Facts;
  learned: Memory['learned'];
  proof: Memory['proof'];
  /** When the pool was last changed, ms; null while it never was. */
  poolMovedAt: number | null;
}

export interface Rule {
  name: BottleneckClass;
  /** Evidence in words with numbers, or null when the class does not apply. */
  evidence: (seen: Seen) => string | null;
  /** Whether the server reports enough for this class to be named at all. */
  isReachable: (facts: Facts) => boolean;
  /** What a user could do, and what it would bring by the model; absent when Plateau can do it alone. */
  advice?: (situation: Situation) => string;
}
