/**
 * What the last move brought. One that made things worse is taken back, pods that brought nothing are not repeated; both for a while, and only for
 * the template and the class that it was learned from.
 *
 * @module
 */
import type { BottleneckClass, Scale } from '../../api/featureserver-status.ts';
import { FULL_CORE } from './classes/signals.ts';
import { ms } from './classes/words.ts';
import { isPoolFull } from './full-pool.ts';
import type { Facts } from './measure.ts';
import type { Block, Look, Memory, Trial } from './memory.ts';
import { significant } from './numbers.ts';
import { isSamePool, slotsOf } from './scale.ts';
import { movesPool } from './situation.ts';
import type { AutoscaleSpec } from './types.ts';

/** How long a move is not tried again. */
const BLOCKED_MS = 15 * 60_000;
/** A trial that is not settled by then says nothing. */
const LONGEST_TRIAL_MS = 10 * 60_000;
/** Two equal pods differ by up to 23 % in p95 (measured): less than a quarter is nothing that a move did. */
const WORSE = 1.25;
/** Loads further apart than this cannot be compared. */
const COMPARABLE = 1.2;
/** Share of what more pods should have answered that counts as nothing (Flink's threshold for ineffective scaling). */
const NOTHING = 0.1;
/** A new pod with less than this share of the typical load had no chance to show anything: connections live long. */
const HAS_TRAFFIC = 0.3;

/** What a comparison needs of one evaluation. Seconds and requests per second. */
export const lookAt = (facts: Facts): Look => ({
  p95: facts.response95 === null ? null : significant(facts.response95),
  cpu: facts.cpuPerRequest === null ? null : significant(facts.cpuPerRequest),
  offered: significant(facts.offered),
  answered: significant(facts.answered),
});

/** Begins a trial when the fleet has moved up by pods or anyhow by its pool; a move of both at once can be told apart by nobody. */
export const beginTrial = (before: Memory, current: Scale, now: number): Trial | null => {
  const from = before.scale;
  const isPool = !isSamePool(from, current);
  const isPods = from.replicas !== current.replicas;
  if (!isPool && !isPods) return before.trial;
  if ((isPool && isPods) || current.replicas < from.replicas || before.look === null) return null;
  return { at: now, from: { ...from }, to: { ...current }, before: before.look };
};

/** Both sides of a move, p95 known on both. */
interface Compared {
  from: Scale;
  to: Scale;
  before: Look & { p95: number };
  after: Look & { p95: number };
  facts: Facts;
  objective: number;
}

type Lesson = Omit<Block, 'until' | 'class' | 'offered'>;

const isComparable = ({ before, after }: Compared): boolean =>
  after.offered <= COMPARABLE * before.offered && before.offered <= COMPARABLE * after.offered;

const p95Text = ({ before, after }: Compared): string => `p95 went from ${ms(before.p95)} to ${ms(after.p95)}`;

/** More threads that only make a request dearer. */
const judgeMore = (compared: Compared, knob: 'threads' | 'processes'): Lesson | null => {
  const { from, to, before, after } = compared;
  const [then, now] = [before.cpu ?? 0, after.cpu ?? 0];
  if (then <= 0 || now < WORSE * then || after.p95 < before.p95) return null;
  return { knob, side: 'up', limit: from[knob], why: `${knob} ${from[knob]} → ${to[knob]} made a request cost ${ms(now)} of CPU instead of ${ms(then)}, and ${p95Text(compared)}` };
};

/** Fewer threads that requests now wait for. */
const judgeFewer = (compared: Compared, knob: 'threads' | 'processes'): Lesson | null => {
  const { from, to, before, after, facts, objective } = compared;
  if (after.p95 < WORSE * before.p95 || after.p95 <= objective || !isPoolFull(facts)) return null;
  return { knob, side: 'down', limit: from[knob], why: `after ${knob} ${from[knob]} → ${to[knob]} requests wait for a slot, and ${p95Text(compared)}` };
};

const judgePool = (compared: Compared): Lesson | null => {
  const { from, to } = compared;
  const knob = to.threads !== from.threads ? 'threads' : 'processes';
  if (!isComparable(compared)) return null;
  return to[knob] > from[knob] ? judgeMore(compared, knob) : judgeFewer(compared, knob);
};

/** Whether more answers came out than noise: a tenth of what the new pods could have added. */
const answeredMore = ({ from, to, before, after }: Compared): boolean => {
  const couldAdd = Math.min(after.offered, (before.answered * to.replicas) / Math.max(1, from.replicas)) - before.answered;
  return couldAdd >= NOTHING * before.answered && after.answered > before.answered + NOTHING * couldAdd;
};

/** Where the CPU is short, pods bring more of it, and a p95 that stays is a queue on its way out. */
const isShortOfCpu = ({ limitShare, processCores }: Facts): boolean => Math.max(limitShare ?? 0, processCores ?? 0) >= FULL_CORE;

/** Pods that were to answer more, or faster, and did neither. */
const judgePods = (compared: Compared): Lesson | null => {
  const { from, to, before, after, facts, objective } = compared;
  const hadNoChance = isShortOfCpu(facts) || (facts.leastShare ?? 0) < HAS_TRAFFIC || after.offered > COMPARABLE * before.offered;
  const helped = after.p95 <= objective || after.p95 < before.p95 / WORSE || answeredMore(compared);
  if (hadNoChance || helped) return null;
  return { knob: 'replicas', side: 'up', limit: to.replicas, why: `replicas ${from.replicas} → ${to.replicas} brought nothing: p95 ${ms(before.p95)} then, ${ms(after.p95)} now, ${Math.round(after.answered)} of ${Math.round(after.offered)} requests/s answered` };
};

const judge = ({ from, to, before }: Trial, after: Look, facts: Facts, spec: AutoscaleSpec): Lesson | null => {
  if (before.p95 === null || after.p95 === null) return null;
  const compared = { from, to, before: { ...before, p95: before.p95 }, after: { ...after, p95: after.p95 }, facts, objective: spec.objectiveMs / 1000 };
  if (to.replicas > from.replicas) return judgePods(compared);
  return movesPool(spec) ? judgePool(compared) : null;
};

/** More slots than before have to be there before they can be judged: processes take a while to start, and their start costs CPU. */
const isInForce = ({ from, to }: Trial, facts: Facts): boolean => to.threads * to.processes <= from.threads * from.processes || facts.slots >= slotsOf(to, facts);

/** Whether the whole window lies behind the move, and behind the start of the pods that it brought. */
const isSettled = (trial: Trial, facts: Facts, spec: AutoscaleSpec): boolean => {
  const { at, from, to } = trial;
  if (!isInForce(trial, facts)) return false;
  const since = to.replicas === from.replicas ? at : Math.max(at, facts.newestServesSince);
  return facts.windowBegan >= since + spec.evaluation.periodMs && facts.pods.everReady >= to.replicas;
};

/** What still applies: not too old, under a load that is not much higher, and for pods in the class it was learned in. */
const stillBlocked = (blocks: readonly Block[], found: BottleneckClass, { now, offered }: Facts): Block[] =>
  blocks.filter(
    (block) => block.until > now && block.until <= now + BLOCKED_MS && (block.side === 'down' || offered <= COMPARABLE * block.offered) && (block.knob !== 'replicas' || block.class === found),
  );

/** To and from the smaller pool of an experiment: made to see, and what it did to p95 is no reason to undo anything. */
const isOfCut = ({ from, to }: Trial, cut: Memory['cut']): boolean =>
  cut !== null && ((isSamePool(from, cut.from) && isSamePool(to, cut.to)) || (isSamePool(from, cut.to) && isSamePool(to, cut.from)));

/** Ends the trial when it can be judged, and adds what it taught. */
export const judgeTrial = (memory: Memory, facts: Facts, spec: AutoscaleSpec): Memory => {
  const { trial, class: found } = memory;
  const { now } = facts;
  const blocks = stillBlocked(memory.blocks, found, facts);
  const look = lookAt(facts);
  if (trial === null || now - trial.at > LONGEST_TRIAL_MS || trial.at > now) return { ...memory, look, blocks, trial: null };
  if (!isSettled(trial, facts, spec)) return { ...memory, look, blocks };
  // Fewer threads before a full store or a lock do not answer faster: that was not what they were for.
  const isForWait = (found === 'STORE' || found === 'LOCK' || isOfCut(trial, memory.cut)) && trial.to.replicas === trial.from.replicas;
  const lesson = isForWait ? null : judge(trial, look, facts, spec);
  const learned = lesson === null ? blocks : [...blocks.filter(({ knob }) => knob !== lesson.knob), { ...lesson, why: lesson.why.slice(0, 200), until: now + BLOCKED_MS, class: found, offered: look.offered }];
  return { ...memory, look, blocks: learned, trial: null };
};
