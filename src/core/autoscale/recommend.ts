/**
 * The control law: what a fleet should be, from what was measured and what is remembered. Pure and total.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { candidatesOf } from './candidates.ts';
import { podCapacity, podModel } from './capacity.ts';
import { adviceFor, classify, evidenceFor, lastingClass, reachableClasses } from './classes/index.ts';
import { cleanFleet, cleanSpec } from './clean-input.ts';
import { followCut, noteCut, poolOfCut } from './cut.ts';
import { dataGap, isIdle } from './data-gate.ts';
import type { Gap } from './data-gate.ts';
import { expectedDemand } from './demand.ts';
import { guardRails } from './guards/index.ts';
import { podsCannotHelp } from './latency-guard.ts';
import { measure } from './measure.ts';
import type { Facts } from './measure.ts';
import { parseMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { clamp, finiteOr, significant } from './numbers.ts';
import { guards, reasons } from './reasons.ts';
import type { Guard, Reason } from './reasons.ts';
import { isNewlyHeard, MISSED_EVALUATIONS, noteClass, noteFacts, noteHeard, noteLock, noteMoves, noteWanted, takeUp } from './remember.ts';
import { sentence } from './sentences.ts';
import { seenIn } from './situation.ts';
import type { Situation, Verdict, Wanted } from './situation.ts';
import { storeIsFull } from './inner-wait.ts';
import { judgeTrial } from './trial.ts';
import { noteTrim } from './trim.ts';
import type { FleetMeasurement, RecommendInput, Recommendation } from './types.ts';
import { wantedProcesses } from './wanted-processes.ts';
import { wantedThreads } from './wanted-threads.ts';
import { wantedReplicas } from './wanted-replicas.ts';

/** Target of the CPU autoscaler that a decision is compared with, and the band in which it does nothing. */
const CPU_TARGET = 0.7;
const CPU_TOLERANCE = 0.1;

/** Guards that one sentence names. */
const MOST_WHYS = 3;

const withClass = (memory: Memory, facts: Facts, gap: Gap | null, isHeard: boolean): Memory => {
  if (gap !== null) return noteClass(memory, 'UNKNOWN', 'UNKNOWN', []);
  if (!isHeard && memory.class !== 'UNKNOWN') return memory;
  const found = classify(seenIn({ facts, memory }));
  const history = [...memory.candidates, found].slice(-4);
  return noteClass(memory, found, lastingClass(memory.class, history), history);
};

/** What is known of the store outlasts a window in which the pool was changed, as the class does. */
const fullStore = (memory: Memory, facts: Facts): string | null =>
  storeIsFull(seenIn({ facts, memory })) ?? (memory.class === 'STORE' ? 'the store was full in an earlier window' : null);

/** Everything known at this evaluation. */
const assess = (input: RecommendInput): Situation => {
  const spec = cleanSpec(input.spec);
  const now = Math.max(0, finiteOr(input.now, 0));
  const fleet = cleanFleet(input.windows, spec);
  const begun = followCut(noteMoves(takeUp(parseMemory(input.memory), fleet, spec, now), fleet.current, now), fleet.current, now, spec.evaluation.windowMs);
  const facts = measure(fleet, spec, now, begun.learned.startSeconds);
  const gap = dataGap(facts);
  const isHeard = isNewlyHeard(begun, facts);
  const measured = withClass(noteFacts(begun, facts, { gap, isHeard }, spec), facts, gap, isHeard);
  const classified = isHeard ? noteHeard(measured, facts) : measured;
  const taught = gap === null ? judgeTrial(noteLock(classified, facts), facts, spec) : classified;
  const model = podModel(facts, taught.learned, spec.objectiveMs, taught.class);
  const memory = gap === null ? noteTrim(taught, facts, model, spec) : taught;
  const before = {
    now,
    spec,
    fleet,
    current: fleet.current,
    facts,
    memory,
    class: memory.class,
    gap,
    model,
    demand: expectedDemand(memory.offered, facts, spec),
    fullStore: fullStore(memory, facts),
  };
  return { ...before, experiment: poolOfCut(before) };
};

const guarded = (situation: Situation, wanted: Scale): { scale: Scale; verdict: Verdict | null } => {
  let scale = wanted;
  let verdict: Verdict | null = null;
  let bound: Verdict['bound'] = null;
  const whys = new Set<string>();
  for (const rail of guardRails) {
    const next = rail(scale, situation);
    if (next === null) continue;
    ({ scale } = next);
    // A limit stays worth knowing when a later guard, which is none, cuts further; and so does what each of them said, for they may have cut another knob.
    bound = next.bound ?? bound;
    whys.add(next.why);
    verdict = { ...next, bound, why: [...whys].slice(0, MOST_WHYS).join('; ') };
  }
  return { scale, verdict };
};

/** Pods first without the pool, because how many threads a pod needs depends on how many pods the guards leave. */
const want = (situation: Situation): Wanted => {
  const { current, experiment } = situation;
  const wished = wantedReplicas(situation);
  // During an experiment nothing can grow: pods that are asked for would only take the room under the cap that the pool comes back to.
  const pods = experiment === null ? wished : { ...wished, replicas: Math.min(wished.replicas, current.replicas) };
  const left = guarded(situation, { ...current, replicas: pods.replicas }).scale.replicas;
  const threads = wantedThreads(situation, left);
  const processes = wantedProcesses(situation);
  const scale = { replicas: pods.replicas, threads: threads.value, processes: processes.value };
  const moves = [
    [scale.threads > current.threads, threads],
    [scale.processes > current.processes, processes],
    [scale.replicas !== current.replicas, pods],
    [scale.processes !== current.processes, processes],
    [scale.threads !== current.threads, threads],
  ] as const;
  const chosen = moves.find(([isMove]) => isMove)?.[1] ?? pods;
  return { scale, reason: chosen.reason, because: chosen.because };
};

const hold = (situation: Situation): Pick<Wanted, 'reason' | 'because'> | null => {
  const { gap, memory, experiment } = situation;
  if (experiment !== null) return { reason: reasons.concurrencyCut, because: experiment.because };
  if (gap !== null) return { reason: gap.reason, because: gap.evidence };
  if (memory.overObjective < MISSED_EVALUATIONS) return null;
  const why = podsCannotHelp(situation);
  return why === null ? null : { reason: why.reason, because: why.text };
};

/** Guards that move a knob by themselves. */
const reasonOf: Partial<Record<Guard, Reason>> = { [guards.concurrency]: reasons.concurrencyCap, [guards.undone]: reasons.moveUndone };

/** The reason that belongs to what really moves: the guards may have left another knob than the one wanted first. */
const finalReason = (situation: Situation, wanted: Wanted, to: Scale, verdict: Verdict | null): Wanted => {
  const { current } = situation;
  const moved = (['threads', 'processes', 'replicas'] as const).filter((knob) => to[knob] !== current[knob]);
  if (moved.length === 0) return { ...wanted, ...hold(situation) };
  const isWanted = moved.some((knob) => wanted.scale[knob] !== current[knob]);
  if (!isWanted && verdict !== null) {
    const reason = reasonOf[verdict.guard] ?? reasons.outsideBounds;
    return { ...wanted, reason, because: verdict.why };
  }
  const [only] = moved;
  if (only === 'replicas') return { ...wanted, ...pick(wantedReplicas(situation)) };
  return { ...wanted, ...pick(only === 'threads' ? wantedThreads(situation, to.replicas) : wantedProcesses(situation)) };
};

const pick = ({ reason, because }: { reason: Reason; because: string }) => ({ reason, because });

/** What an autoscaler on CPU at 70 % of the limit would ask for; null without a limit or data. */
const cpuAutoscaler = ({ facts, spec, current }: Situation): number | null => {
  if (facts.limitShare === null || facts.coverage < 0.6) return null;
  const over = facts.limitShare / CPU_TARGET;
  const replicas = Math.abs(over - 1) <= CPU_TOLERANCE ? current.replicas : Math.ceil(current.replicas * over);
  return clamp(replicas, spec.replicas.min, spec.replicas.max);
};

const rounded = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : significant(value));
const inMs = (seconds: number | null): number | null => rounded(seconds === null ? null : 1000 * seconds);

const measurement = ({ facts, model, current, memory }: Situation): FleetMeasurement => ({
  p95Ms: inMs(facts.response95),
  p95IsLowerBound: !facts.queueVisible,
  requestsPerSecond: facts.pods.reporting > 0 ? rounded(facts.answered) : null,
  offeredPerSecond: facts.pods.reporting > 0 ? rounded(facts.offered) : null,
  cpuSecondsPerRequest: memory.learned.cpu,
  podCapacity: model === null ? null : rounded(podCapacity(model, current.threads, current.processes)),
  storeMs: inMs(facts.store),
  coverage: significant(facts.coverage),
  oldestSampleSeconds: rounded(facts.oldestSeconds),
});

/** A p95 that is a lower bound can prove a miss and never a hit. */
const objectiveMet = ({ facts, spec, gap }: Situation): boolean | null => {
  if (gap !== null || facts.response95 === null) return null;
  if (1000 * facts.response95 > spec.objectiveMs) return false;
  return facts.queueVisible ? true : null;
};

const toJson = (memory: Memory, now: number): Record<string, unknown> => ({ ...memory, at: now });

const evidence = (situation: Situation): string => {
  if (situation.gap !== null) return situation.gap.evidence;
  if (isIdle(situation.facts)) return 'no pod has seen a request in the window';
  const slow = situation.facts.outliers;
  return `${evidenceFor(situation.class, seenIn(situation))}${slow === '' ? '' : `; ${slow}`}`;
};

const advice = (situation: Situation): string => {
  if (situation.gap?.reason === reasons.tooFewRequests) return '';
  return situation.model?.unreachable === true && situation.class !== 'STORE' ? 'raise the objective or make the store faster' : adviceFor(situation.class, situation);
};

/**
 * Recommends the scale of a fleet. Never throws: what is missing, stale, contradictory or not finite gives *hold* with a
 * reason. The same input gives the same output, so that a decision can be evaluated again. Design: docs/control-law.md.
 */
export const recommend = (input: RecommendInput): Recommendation => {
  const assessed = assess(input);
  const wanted = want(assessed);
  const situation = { ...assessed, memory: noteWanted(assessed.memory, wanted.scale, assessed.spec, assessed.now) };
  const { scale, verdict } = guarded(situation, wanted.scale);
  const final = finalReason(situation, wanted, scale, verdict);
  return {
    scale,
    class: situation.class,
    reason: final.reason,
    message: sentence(situation, final, scale, verdict),
    evidence: evidence(situation),
    advice: advice(situation),
    reachable: reachableClasses(situation.facts),
    measured: measurement(situation),
    candidates: candidatesOf(situation, scale),
    boundBy: verdict?.bound ?? null,
    guard: verdict?.guard ?? null,
    cpuAutoscalerWouldSay: cpuAutoscaler(situation),
    objectiveMet: objectiveMet(situation),
    memory: toJson(noteCut(situation.memory, situation, scale, final.reason === reasons.concurrencyCut), situation.now),
  };
};
