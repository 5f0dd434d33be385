/**
 * The work on one feature request: check, plan, wait for the store, read, write. No HTTP in here.
 *
 * @module
 */
import { writeAnswer } from '../feast/answer.ts';
import { planRequest } from '../feast/plan.ts';
import type { Plan } from '../feast/plan.ts';
import { Refusal } from '../feast/refusal.ts';
import { readFeatureRequest } from '../feast/request.ts';
import type { FeatureRequest } from '../feast/request.ts';
import { StoreUnavailable } from '../store/sqlite-store.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';
import type { Row } from '../store/view.ts';

/** What goes back to the client. */
export interface Answer {
  status: number;
  body: string;
  retryAfter?: number;
}

export interface Planned {
  request: FeatureRequest;
  plan: Plan;
}

/** First half: everything before the store is asked. */
export function planWork(store: SqliteStore, project: string, body: Buffer, contentType: string | undefined): Planned {
  const request = readFeatureRequest(body, contentType);
  const plan = planRequest(request, { project, views: store.views(), joinKeyNames: store.joinKeyNames() });
  return { request, plan };
}

/** The store's part of the second half. */
export function readRows(store: SqliteStore, plan: Plan): Row[][] {
  try {
    return plan.views.map((view) => (view.keys.length === 0 ? [] : view.view.read(view.keys)));
  } catch (error) {
    store.lose(error);
    throw new StoreUnavailable(store.problem);
  }
}

/** The last part. */
export function writeWork({ request, plan }: Planned, rows: Row[][]): Answer {
  return { status: 200, body: writeAnswer(plan, rows, request.fullFeatureNames) };
}

/** Turns whatever the work threw into an answer: refusals as they are, a lost store as 503, anything else as 500. */
export function answerError(error: unknown): Answer {
  if (error instanceof Refusal) return { status: error.status, body: error.body };
  if (error instanceof StoreUnavailable) return { status: 503, body: JSON.stringify({ detail: 'The online store is not available; try again.' }), retryAfter: 1 };
  return { status: 500, body: JSON.stringify(error instanceof Error ? error.message : String(error)) };
}
