/**
 * Adds up what all processes of the pod have counted, those that are gone included: no counter ever falls.
 *
 * @module
 */
import { addTotals, emptyTotals } from '../metrics/snapshot.ts';
import type { Snapshot, Totals } from '../metrics/snapshot.ts';

/** What a living process last reported, and its place in the pool. */
export interface Reported {
  slot: number;
  snapshot: Snapshot | undefined;
}

/** The pod's figures at one moment. */
export interface PodFigures {
  totals: Totals;
  inflight: number;
  queueDepth: number;
  /** CPU seconds of each slot, whoever filled it. */
  slotCpuSeconds: Map<number, number>;
}

export class Tally {
  private gone: Totals;
  private readonly goneCpu = new Map<number, number>();

  constructor(objectiveMs: number) {
    this.gone = emptyTotals(objectiveMs);
  }

  /** Moves the edge in what is kept. It has to follow before processes end: `keep` moves theirs to it, and twice moved is inexact. */
  setObjective(objectiveMs: number): void {
    this.gone = addTotals(emptyTotals(objectiveMs), this.gone);
  }

  /** A process has ended; what it last reported is kept. */
  keep({ slot, snapshot }: Reported): void {
    if (snapshot === undefined) return;
    this.gone = addTotals(this.gone, snapshot);
    this.goneCpu.set(slot, (this.goneCpu.get(slot) ?? 0) + snapshot.cpuSeconds);
  }

  /** The sum, its histograms with an edge at this objective. */
  sum(living: readonly Reported[], objectiveMs: number): PodFigures {
    const slotCpuSeconds = new Map(this.goneCpu);
    let totals = addTotals(emptyTotals(objectiveMs), this.gone);
    let inflight = 0;
    let queueDepth = 0;
    for (const { slot, snapshot } of living) {
      if (snapshot === undefined) continue;
      totals = addTotals(totals, snapshot);
      inflight += snapshot.inflight;
      queueDepth += snapshot.queueDepth;
      slotCpuSeconds.set(slot, (slotCpuSeconds.get(slot) ?? 0) + snapshot.cpuSeconds);
    }
    return { totals, inflight, queueDepth, slotCpuSeconds };
  }
}
