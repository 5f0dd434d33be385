/**
 * How many threads each process should have.
 *
 * @module
 */
import { threadFloor, threadsAtPlan } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import { classify, evidenceFor } from './classes/index.ts';
import { ms } from './classes/words.ts';
import { isPoolFull, isPoolFullNow } from './full-pool.ts';
import { demandAtMost } from './fuller-pods.ts';
import { ceilTolerant, significant } from './numbers.ts';
import { reasons } from './reasons.ts';
import type { Reason } from './reasons.ts';
import { isWaitKnown, keepsPool, movesPool, seenIn } from './situation.ts';
import type { Situation } from './situation.ts';

/** Room above the floor when threads are raised, so that they are not raised again at once. */
const ROOM = 1.25;
/** Threads are taken away only where a quarter or more is too many. */
const WORTH_LESS = 0.75;

export interface WantedKnob {
  value: number;
  reason: Reason;
  because: string;
}

/** Requests per second that reach one pod when `replicas` share `demand`. Pods that never were ready take none. */
const rateOfPod = ({ facts, current }: Situation, demand: number, replicas: number): number => {
  const serving = replicas < current.replicas ? replicas : Math.min(current.replicas, facts.pods.everReady || current.replicas);
  return demand / Math.max(1, serving);
};

const why = (situation: Situation, model: PodModel, rate: number, floor: number): string => {
  const { current } = situation;
  if (floor <= current.threads) return evidenceFor('THREADS', seenIn(situation));
  const expected = `${significant(rate, 3)} requests/s a pod are expected, each holding a slot for ${ms(model.hold)} (${ms(model.store)} of it store wait)`;
  return `${expected}; that takes ${floor * current.processes} slots and there are ${current.threads * current.processes}`;
};

/** The floor if a request held its slot for as long as on calm days; null where there were none. */
const calmFloor = ({ memory: { learned }, current }: Situation, model: PodModel, rate: number): number | null => {
  if (learned.calmStore === null && learned.calmRest === null) return null;
  const hold = model.cpu + (learned.calmStore ?? model.store) + (learned.calmRest ?? learned.rest ?? 0);
  return threadFloor({ ...model, hold: Math.min(hold, model.hold) }, rate, current.processes);
};

/**
 * A pool that fills up although it was large enough on calm days: something inside takes longer than it did. More threads are then the experiment that tells what
 * (proof.ts), and it needs a window of nothing but the full pool to be compared with. Bursts may never fill one: it is awaited for a window and an evaluation from the first sign on, no longer.
 */
const isWindowAwaited = (situation: Situation, model: PodModel, rate: number): boolean => {
  const { facts, memory: { fullSince }, current, class: found, now, spec: { evaluation } } = situation;
  if ((found !== 'OK' && found !== 'THREADS') || !isPoolFullNow(facts) || isPoolFull(facts)) return false;
  const isPatient = fullSince !== null && now - fullSince < evaluation.windowMs + evaluation.periodMs;
  return isPatient && (calmFloor(situation, model, rate) ?? Infinity) <= current.threads;
};

const moreThreads = (situation: Situation, model: PodModel, floor: number): number | null => {
  const { current, class: found } = situation;
  const isStarved = found === 'THREADS' && classify(seenIn(situation)) === 'THREADS';
  if (floor <= current.threads && !isStarved) return null;
  const planned = Math.min(2 * current.threads, threadsAtPlan(model, current.processes));
  const needed = Math.max(ceilTolerant(ROOM * floor), planned, isStarved ? Math.ceil(1.5 * current.threads) : 0);
  return Math.max(needed, current.threads);
};

/** Also past the maximum, and past a limit that a move taught: the guard that keeps it is then named. */
const mostThreads = (situation: Situation): number => (isWaitKnown(situation) || keepsPool.has(situation.class) ? situation.current.threads : Infinity);

/** Where a step down is not known to be enough. */
const STEP_DOWN = 0.75;

/** Threads with which no less was answered, as two full pools have proven. */
const provenThreads = ({ memory: { proof }, facts, current, class: found }: Situation): number | null =>
  proof?.kind === found && proof.isFull ? proof.fewer.slots / Math.max(1, (found === 'STORE' ? facts.pods.reporting : proof.fewer.pods) * current.processes) : null;

/** In this window too, and one of a single size: after a smaller pool a store that has become faster meanwhile still looks full. */
const isSeenNow = ({ memory, facts, class: found }: Situation): boolean => memory.candidates.at(-1) === found && facts.windowBegan >= (memory.threadsMovedAt ?? 0);

/**
 * Fewer threads where those beyond only wait inside the pod or at the store: as many as answered no less before, or a step less and
 * no less than the floor.
 */
const fewerWaiting = (situation: Situation, floor: number): WantedKnob | null => {
  const { current, spec, class: found, fleet, facts, memory } = situation;
  if (!isSeenNow(situation)) return null;
  // A pool that is not full may answer all that it is asked.
  if (memory.proof?.kind === found && !isPoolFull(facts)) return null;
  // Threads that only wait cost nothing that a rollout would be worth; and of the new template nobody would know that they wait.
  if (fleet.live?.threads === false) return null;
  const step = provenThreads(situation) ?? (found === 'LOCK' ? Math.max(STEP_DOWN * current.threads, floor) : current.threads);
  const value = Math.max(spec.threads.min, Math.ceil(step));
  if (value >= current.threads) return null;
  return { value, reason: found === 'LOCK' ? reasons.lockContended : reasons.storeFull, because: evidenceFor(found, seenIn(situation)) };
};

/** On the way down pods that are not heard from count as busy: what is missing must not take threads away. */
const fewerThreads = (situation: Situation, model: PodModel, replicas: number): WantedKnob | null => {
  const { current, spec, class: found } = situation;
  const floor = threadFloor(model, rateOfPod(situation, demandAtMost(situation, model), replicas), current.processes);
  if (found === 'STORE' || found === 'LOCK') return fewerWaiting(situation, floor);
  const enough = Math.max(spec.threads.min, ceilTolerant(ROOM * Math.max(floor, threadsAtPlan(model, current.processes))));
  if (enough > WORTH_LESS * current.threads) return null;
  return { value: enough, reason: reasons.threadsAboveFloor, because: `${enough} threads serve a pod at all it is planned for` };
};

/**
 * Threads for each process. Up to the floor of the expected load (see `threadFloor`), with room; down only to what a
 * pod needs at the rate it is planned for. A pool that is full although the model says it is not, is believed.
 */
export const wantedThreads = (situation: Situation, replicas: number): WantedKnob => {
  const { current, spec, model, gap, experiment } = situation;
  const steady = { value: current.threads, reason: reasons.steady, because: '' };
  if (experiment !== null) return { value: experiment.threads, reason: reasons.concurrencyCut, because: experiment.because };
  if (!movesPool(spec) || model === null || gap !== null) return steady;
  const rate = rateOfPod(situation, situation.demand, replicas);
  const floor = threadFloor(model, rate, current.processes);
  if (isWindowAwaited(situation, model, rate)) return steady;
  const more = Math.min(mostThreads(situation), moreThreads(situation, model, floor) ?? 0);
  if (more > current.threads) return { value: more, reason: reasons.threadsBelowFloor, because: why(situation, model, rate, floor) };
  return fewerThreads(situation, model, replicas) ?? steady;
};
