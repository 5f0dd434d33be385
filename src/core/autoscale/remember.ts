/**
 * Carries memory from one evaluation to the next: gaps and clock jumps noticed, moves of the fleet recorded as they really happened.
 *
 * @module
 */
import type { BottleneckClass, Scale } from '../../api/featureserver-status.ts';
import { isBatchPending } from './batch.ts';
import type { Gap } from './data-gate.ts';
import { rememberOffered } from './demand.ts';
import { learn } from './learn.ts';
import type { Facts } from './measure.ts';
import { nothingLearned } from './memory.ts';
import type { Memory } from './memory.ts';
import { significant } from './numbers.ts';
import { addToSlots } from './slots.ts';
import { isPoolFull, noteFullPool } from './full-pool.ts';
import { noteProof, provenBy } from './proof.ts';
import { beginTrial } from './trial.ts';
import { wishesKeptMs } from './stabilization.ts';
import type { AutoscaleSpec, FleetWindow } from './types.ts';

/** Nobody watched for so long: what happened meanwhile is unknown, as after a restart of the operator. */
const LONGEST_GAP_MS = 60_000;
const HALF_HOUR_MS = 30 * 60_000;
const MINUTE_MS = 60_000;

const blank = (fleet: FleetWindow, now: number): Memory => ({
  version: 1,
  at: null,
  watchedSince: now,
  templateHash: fleet.templateHash,
  scale: fleet.current,
  podsMovedAt: null,
  threadsMovedAt: null,
  batch: null,
  offered: [],
  lowestReplicas: [],
  highestReplicas: [],
  wantedReplicas: [],
  wantedThreads: [],
  wantedProcesses: [],
  full: [],
  proof: null,
  look: null,
  trial: null,
  blocks: [],
  sampledAt: null,
  fullSince: null,
  cut: null,
  candidates: [],
  class: 'UNKNOWN',
  overObjective: 0,
  direction: 0,
  turns: [],
  learned: nothingLearned,
});

const notAfter = (at: number | null, now: number): number | null => (at === null ? null : Math.min(at, now));

/** What was learned of another template's pods says nothing of this one's. */
const ofTemplate = (old: Memory, fleet: FleetWindow): Memory =>
  old.templateHash === fleet.templateHash ? old : { ...old, templateHash: fleet.templateHash, learned: nothingLearned, full: [], proof: null, look: null, trial: null, blocks: [], cut: old.cut && { ...old.cut, inVain: 0 } };

/** Memory to begin an evaluation with. After a gap, another leader or a clock that went back, watching starts anew. */
export const takeUp = (old: Memory | null, fleet: FleetWindow, spec: AutoscaleSpec, now: number): Memory => {
  if (old === null) return blank(fleet, now);
  const longest = Math.max(LONGEST_GAP_MS, 10 * spec.evaluation.periodMs);
  const kept = ofTemplate(old, fleet);
  const isContinued = old.at !== null && old.at <= now && now - old.at <= longest && old.watchedSince <= now;
  return {
    ...kept,
    ...(isContinued ? {} : { watchedSince: now, look: null, trial: null }),
    learned: { ...kept.learned, trimmedAt: notAfter(kept.learned.trimmedAt, now) },
    podsMovedAt: notAfter(old.podsMovedAt, now),
    threadsMovedAt: notAfter(old.threadsMovedAt, now),
    batch: old.batch === null ? null : { ...old.batch, at: Math.min(old.batch.at, now) },
    cut: kept.cut === null ? null : { ...kept.cut, at: Math.min(kept.cut.at, now) },
    turns: old.turns.filter((at) => at <= now && now - at < HALF_HOUR_MS),
  };
};

/** A batch that is added to while it is on its way stays as old as it is: else none would ever be late. */
const enlarged = ({ batch, scale }: Memory, current: Scale, now: number): NonNullable<Memory['batch']> => ({ at: batch?.at ?? now, from: batch?.from ?? scale.replicas, to: current.replicas });

/** What became of the fleet since the last evaluation, whoever did it: the effects are what matters. */
export const noteMoves = (memory: Memory, current: Scale, now: number): Memory => {
  const direction = Math.sign(current.replicas - memory.scale.replicas);
  const isPoolMoved = current.threads !== memory.scale.threads || current.processes !== memory.scale.processes;
  const isTurned = direction !== 0 && memory.direction !== 0 && direction !== memory.direction;
  return {
    ...memory,
    scale: { ...current },
    podsMovedAt: direction === 0 ? memory.podsMovedAt : now,
    threadsMovedAt: isPoolMoved ? now : memory.threadsMovedAt,
    trial: beginTrial(memory, current, now),
    // Proven by a pool that was not full: one of another size has to show it itself.
    proof: isPoolMoved && memory.proof?.isFull === false ? null : memory.proof,
    batch: direction > 0 ? enlarged(memory, current, now) : memory.batch,
    direction: direction === 0 ? memory.direction : direction,
    turns: isTurned ? [...memory.turns, now].slice(-8) : memory.turns,
  };
};

/** Scrapes of a pod begin a second apart or more; less is the rounding of two clocks, or a slow one before a quick one. */
const LEAST_BETWEEN_MS = 500;

/** Whether a typical pod was heard since the last evaluation: a scrape that is looked at twice is no second sign of anything. */
export const isNewlyHeard = ({ sampledAt: before }: Memory, { sampledAt, now }: Facts): boolean =>
  sampledAt !== null && (before === null || sampledAt >= before + LEAST_BETWEEN_MS || before > now);

/** Evaluations in a row with p95 over the objective after which it counts as missed: one alone may be a burst. */
export const MISSED_EVALUATIONS = 2;

/** A proof of the last evaluation, where nothing new was heard since. */
const stillSeen = ({ proof, at }: Memory, now: number): Memory['proof'] => (proof !== null && proof.at === at ? { ...proof, at: now } : proof);

/** Adds what this window measured. Nothing is learned from data that cannot be trusted, nor twice from the same. */
export const noteFacts = (memory: Memory, facts: Facts, { gap, isHeard }: { gap: Gap | null; isHeard: boolean }, spec: AutoscaleSpec): Memory => {
  const { scale } = memory;
  const { now } = facts;
  const history = {
    ...memory,
    batch: isBatchPending(memory.batch, scale.replicas, facts.pods.everReady) ? memory.batch : null,
    learned: { ...memory.learned, startSeconds: facts.seenStartSeconds ?? memory.learned.startSeconds },
    lowestReplicas: addToSlots(memory.lowestReplicas, scale.replicas, now, spec.scaleUp.periodMs, Math.min),
    highestReplicas: addToSlots(memory.highestReplicas, scale.replicas, now, MINUTE_MS, Math.max),
  };
  if (gap !== null && !gap.mayShrink) return history;
  if (!isHeard) return { ...history, proof: stillSeen(memory, now) };
  const isOver = facts.response95 !== null && 1000 * facts.response95 > spec.objectiveMs && gap === null;
  const overObjective = isOver ? Math.min(1000, memory.overObjective + 1) : 0;
  const proof = noteProof(memory.proof, memory.full, facts, overObjective >= MISSED_EVALUATIONS);
  return {
    ...history,
    offered: rememberOffered(memory.offered, facts, spec),
    full: noteFullPool(memory.full, facts),
    proof,
    overObjective,
    learned: learn(history.learned, facts, proof?.at === now),
  };
};

/** Adds what was wanted before the guards, which the way down has to look back on. */
export const noteWanted = (memory: Memory, wanted: Scale, spec: AutoscaleSpec, now: number): Memory => {
  const span = wishesKeptMs(spec);
  return {
    ...memory,
    wantedReplicas: addToSlots(memory.wantedReplicas, wanted.replicas, now, span, Math.max),
    wantedThreads: addToSlots(memory.wantedThreads, wanted.threads, now, span, Math.max),
    wantedProcesses: addToSlots(memory.wantedProcesses, wanted.processes, now, span, Math.max),
  };
};

/** Adds the class of this window to the four that decide. */
export const noteClass = (memory: Memory, found: BottleneckClass, lasting: BottleneckClass, history: BottleneckClass[]): Memory => ({
  ...memory,
  candidates: found === 'UNKNOWN' ? memory.candidates : history,
  class: lasting,
});

/** Keeps the time of the sample that was looked at, and since when the pool has been found full without four evaluations in between. */
export const noteHeard = (memory: Memory, { sampledAt, now }: Facts): Memory => ({
  ...memory,
  sampledAt,
  fullSince: memory.candidates.includes('THREADS') ? Math.min(now, memory.fullSince ?? now) : null,
});

/** A lock is planned with for so long after it was last seen: pods that are planned for less can never show that it is gone. */
const LOCK_REMEMBERED_MS = 15 * MINUTE_MS;

/** What a lock lets through: what a pod answers while more is asked of it, or more is inside than in a smaller pool that answered as much. A lock that was not seen for a while counts as gone. */
export const noteLock = (memory: Memory, facts: Facts): Memory => {
  const { learned, candidates } = memory;
  const { podRate, now } = facts;
  const isShort = isPoolFull(facts) || facts.answered < 0.9 * facts.offered || provenBy('LOCK', memory.proof, facts) !== null;
  if (memory.class === 'LOCK' && candidates.at(-1) === 'LOCK' && isShort && podRate !== null && podRate > 0) {
    return { ...memory, learned: { ...learned, lockRate: significant(podRate), lockAt: now } };
  }
  const isGone = learned.lockAt === null || learned.lockAt > now || now - learned.lockAt > LOCK_REMEMBERED_MS;
  return isGone && learned.lockRate !== null ? { ...memory, learned: { ...learned, lockRate: null, lockAt: null } } : memory;
};
