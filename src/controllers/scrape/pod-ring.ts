/**
 * The scrapes of one pod, newest last: dense for the usual window, sparse for the long one of a quiet fleet.
 *
 * @module
 */
import type { PodSample } from '../../core/autoscale/types.ts';
import { Accumulator } from './accumulate.ts';
import type { Snapshot } from './accumulate.ts';
import type { Page } from './page.ts';
import { requestsBetween, sampleBetween } from './window.ts';

/** A window grows up to ten minutes until it holds enough requests. */
export const LONGEST_WINDOW_MS = 600_000;
/** Snapshots kept for the part of the long window that is older than the dense one. */
const SPARSE = 10;

const isSameSize = (a: Snapshot, b: Snapshot): boolean =>
  (['generation', 'threads', 'processes'] as const).every((name) => a.page.gauges.get(name) === b.page.gauges.get(name));

export class PodRing {
  #snapshots: Snapshot[] = [];
  #accumulator = new Accumulator();
  #incarnation: string;
  readonly #denseMs: number;

  /** `windowMs` is the usual window; half as much more is kept scrape by scrape. */
  constructor(windowMs: number, incarnation: string) {
    this.#denseMs = 1.5 * windowMs;
    this.#incarnation = incarnation;
  }

  /**
   * Adds a page read at monotonic time `at` (milliseconds). Another incarnation of the container starts anew: nothing can be
   * subtracted across it. A time that does not advance is ignored.
   */
  add(page: Page, at: number, incarnation: string): void {
    if (incarnation !== this.#incarnation) this.#restart(incarnation);
    const newest = this.#snapshots.at(-1);
    if (newest !== undefined && at <= newest.at) return;
    const snapshot = this.#accumulator.add(page, at);
    if (newest !== undefined && newest.layout !== snapshot.layout) this.#snapshots = [];
    this.#snapshots.push(snapshot);
    this.#thin(at);
  }

  /** What happened in the window of about `spanMs` that ends with the newest scrape; null while there are not two. */
  sample(spanMs: number, now: number): PodSample | null {
    const ends = this.#ends(spanMs);
    return ends === null ? null : sampleBetween(ends.from, ends.to, now);
  }

  /** Requests in that window; 0 while there is none. */
  requests(spanMs: number): number {
    const ends = this.#ends(spanMs);
    return ends === null ? 0 : requestsBetween(ends.from, ends.to);
  }

  #restart(incarnation: string): void {
    this.#incarnation = incarnation;
    this.#snapshots = [];
    this.#accumulator = new Accumulator();
  }

  /**
   * A window does not reach back over a change of the pool's size once half of it lies after the change: it would mix two
   * pools. Before that it does, else each move would leave too few requests to judge anything by.
   */
  #ends(spanMs: number): { from: Snapshot; to: Snapshot } | null {
    const to = this.#snapshots.at(-1);
    const before = this.#snapshots.slice(0, -1);
    if (to === undefined || before.length === 0) return null;
    const changed = before.findLastIndex((snapshot) => !isSameSize(snapshot, to)) + 1;
    const wantedStart = to.at - spanMs;
    const isLong = to.at - (before[changed]?.at ?? to.at) >= spanMs / 2;
    const usable = isLong ? before.slice(changed) : before;
    let from = usable[0];
    for (const snapshot of usable) {
      if (from === undefined || Math.abs(snapshot.at - wantedStart) < Math.abs(from.at - wantedStart)) from = snapshot;
    }
    return from === undefined ? null : { from, to };
  }

  #thin(now: number): void {
    const spacing = LONGEST_WINDOW_MS / SPARSE;
    let last = -Infinity;
    this.#snapshots = this.#snapshots.filter(({ at }) => {
      if (at >= now - this.#denseMs) return true;
      if (at < now - LONGEST_WINDOW_MS - spacing || at - last < spacing) return false;
      last = at;
      return true;
    });
  }
}
