/**
 * What came of the writes of one reconcile.
 *
 * @module
 */
import type { ChildRole } from './observed.ts';

export interface WriteFailure {
  readonly role: ChildRole;
  /** Kind of the API error: `Forbidden` and `Invalid` need somebody to act, the rest is tried again. */
  readonly kind: string;
  readonly message: string;
}

export interface Outcome {
  /** Children that were created or changed. */
  readonly applied: readonly ChildRole[];
  readonly failures: readonly WriteFailure[];
  /** The pod template was sent: pods of another template may follow. */
  readonly templateApplied: boolean;
}

export const nothingDone: Outcome = { applied: [], failures: [], templateApplied: false };
