/**
 * What a check is, and what it finds.
 *
 * @module
 */
import type { Session } from './session.ts';

/** One difference between the page and the server. */
export interface Problem {
  readonly expected: string;
  readonly seen: string;
}

export type Finding =
  | { readonly kind: 'pass'; readonly detail: string }
  | { readonly kind: 'fail'; readonly problems: readonly Problem[] }
  /** It lacks something: the reason says what, and which flag gives it. */
  | { readonly kind: 'notChecked'; readonly reason: string };

/** Headings of docs/worker-pool-protocol.md: where the page says what a check wants. */
export type Section =
  | 'GET /metrics'
  | '`queue_visible`: whether the p95 is the client\'s'
  | 'Configuration'
  | 'GET /pool, PUT /pool'
  | 'GET /healthz, GET /readyz'
  | 'Connections, queue, overload'
  | 'SIGTERM';

export interface Check {
  /** As `--only` takes it. */
  readonly name: string;
  /** What holds when it passes, as a sentence without a full stop. */
  readonly title: string;
  readonly section: Section;
  /** Left out by `--quick`. */
  readonly slow?: true;
  readonly run: (session: Session) => Promise<Finding>;
}

/** Thrown anywhere in a check that lacks something; becomes its finding. */
export class NotChecked extends Error {
  override readonly name = 'NotChecked';
}

/** Thrown anywhere in a check that has found a difference; becomes its finding. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly problem: Problem;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}; seen ${seen}`);
    this.problem = { expected, seen };
  }
}

export const pass = (detail: string): Finding => ({ kind: 'pass', detail });

/** Passes when there is no problem. */
export const passUnless = (problems: readonly Problem[], detail: string): Finding => (problems.length === 0 ? pass(detail) : { kind: 'fail', problems });
