/**
 * The work on one feature request: check, plan, read, write. No HTTP in here.
 *
 * @module
 */
import { errorMessage } from '../error-message.ts';
import type { Definitions } from '../definitions/definitions.ts';
import { writeAnswer } from '../feast/answer.ts';
import { planRequest } from '../feast/plan.ts';
import type { Plan } from '../feast/plan.ts';
import { pythonError, Refusal } from '../feast/refusal.ts';
import { readFeatureRequest } from '../feast/request.ts';
import { StoreUnavailable, UnreadableValue } from '../store/online-store.ts';
import type { OnlineStore, ViewFound } from '../store/online-store.ts';

/** What goes back to the client. */
export interface Answer {
  status: number;
  body: string;
  retryAfter?: number;
}

/** First half: everything before the store is asked. @throws Refusal */
export function planWork(definitions: Definitions, body: Buffer, contentType: string | undefined): Plan {
  return planRequest(readFeatureRequest(body, contentType), definitions);
}

/** The store's part. @throws (or rejects) as `OnlineStore.read` */
export function readFound(store: OnlineStore, plan: Plan): readonly ViewFound[] | Promise<readonly ViewFound[]> {
  return store.read(plan.views);
}

/** The last part. */
export function writeWork(plan: Plan, found: readonly ViewFound[], missingIsPresent: boolean): Answer {
  return { status: 200, body: writeAnswer(plan, found, missingIsPresent) };
}

const storeAway: Answer = { status: 503, body: JSON.stringify({ detail: 'The online store is not available; try again.' }), retryAfter: 1 };

/** Turns whatever the work threw into an answer: refusals as they are, a lost store as 503, anything else as 500. */
export function answerError(error: unknown): Answer {
  if (error instanceof Refusal) return { status: error.status, body: error.body };
  if (error instanceof StoreUnavailable) return storeAway;
  const message = error instanceof UnreadableValue ? error.message : `The server failed: ${errorMessage(error)}`;
  const { status, body } = pythonError(message);
  return { status, body };
}
