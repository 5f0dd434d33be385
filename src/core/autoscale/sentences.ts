/**
 * One sentence for a tired person: what is measured, what follows, and what stopped more of it.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { evidenceFor } from './classes/index.ts';
import { significant } from './numbers.ts';
import { seenIn } from './situation.ts';
import type { Situation, Verdict, Wanted } from './situation.ts';

const knobName = ({ facts }: Situation): string => (facts.knob === 'inflight' ? 'in-flight limit' : 'threads');

/** `p95 212 ms is over 50 ms`. */
const latencyText = ({ facts, spec }: Situation): string => {
  if (facts.response95 === null) return 'no p95 is known';
  const p95 = 1000 * facts.response95;
  const atLeast = facts.queueVisible ? '' : 'at least ';
  const met = facts.queueVisible ? 'meets' : 'may meet';
  return `p95 ${atLeast}${significant(p95, 3)} ms ${p95 > spec.objectiveMs ? 'is over' : met} ${significant(spec.objectiveMs, 3)} ms`;
};

/** `threads 2 → 8`; empty when nothing moves. */
const moveText = (situation: Situation, to: Scale): string => {
  const { current } = situation;
  const names = { threads: knobName(situation), processes: 'processes', replicas: 'replicas' };
  return (['threads', 'processes', 'replicas'] as const)
    .filter((knob) => current[knob] !== to[knob])
    .map((knob) => `${names[knob]} ${current[knob]} → ${to[knob]}`)
    .join(', ');
};

const guardText = (situation: Situation, wanted: Scale, to: Scale, verdict: Verdict | null): string => {
  if (verdict === null) return '';
  const more = moveText(situation, wanted);
  const isCut = (['replicas', 'threads', 'processes'] as const).some((knob) => wanted[knob] !== to[knob]);
  return more !== '' && isCut ? ` (wanted ${more}; ${verdict.why})` : ` (${verdict.why})`;
};

const evidenceText = (situation: Situation): string =>
  situation.gap === null ? evidenceFor(situation.class, seenIn(situation)) : situation.gap.evidence;

/** The whole sentence of a decision. */
export const sentence = (situation: Situation, wanted: Wanted, to: Scale, verdict: Verdict | null): string => {
  const move = moveText(situation, to);
  const start = situation.gap?.mayShrink === false ? '' : `${latencyText(situation)}; `;
  const because = wanted.because === '' ? evidenceText(situation) : wanted.because;
  return `${start}${because}: ${move === '' ? 'nothing moves' : move}${guardText(situation, wanted.scale, to, verdict)}`;
};
