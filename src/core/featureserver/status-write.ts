/**
 * When a new status is worth a write.
 *
 * @module
 */
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import { canonicalJson } from './applied-digest.ts';

/** Least time between two writes that only bring newer figures, ms. */
export const refreshMs = 60_000;

export interface StatusWrite {
  write: boolean;
  /** Look again then, ms: a change waits for its minute. */
  afterMs?: number;
}

/**
 * Decisions, classes, conditions and counts go out at once; figures, texts and the law's memory at most once a minute.
 * Figures that have not moved are refreshed with their time as long as measuring goes on.
 */
export const statusWrite = (previous: FeatureServerStatus | undefined, next: FeatureServerStatus, now: number, lastWriteAt: number): StatusWrite => {
  if (previous === undefined || canonicalJson(urgent(previous)) !== canonicalJson(urgent(next))) return { write: true };
  if (canonicalJson(comparable(previous)) === canonicalJson(comparable(next))) return { write: false };
  const dueIn = Math.max(lastWriteAt, Date.parse(previous.observed?.at ?? '') || 0) + refreshMs - now;
  return dueIn <= 0 ? { write: true } : { write: false, afterMs: Math.min(dueIn, refreshMs) };
};

const urgent = (status: FeatureServerStatus): unknown => {
  const { observed: _observed, recommendation: _recommendation, autoscaling: _autoscaling, bottleneck, conditions, decisions, ...rest } = status;
  return {
    ...rest,
    class: bottleneck?.class ?? null,
    decisions: decisions ?? [],
    conditions: (conditions ?? []).map(({ type, status, reason, observedGeneration }) => ({ type, status, reason, observedGeneration })),
  };
};

/** All but the memory: it changes with every evaluation, and alone it moves nothing that a reader or a new leader would miss. */
const comparable = ({ autoscaling: _autoscaling, ...rest }: FeatureServerStatus): unknown => rest;
