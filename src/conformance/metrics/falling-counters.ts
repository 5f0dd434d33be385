/**
 * Watches all scrapes of a run for counters that fall or vanish.
 *
 * @module
 */
import type { MetricsPage } from './metrics-page.ts';

/** A counter that fell. */
export interface Fall {
  readonly series: string;
  readonly from: number;
  /** Undefined: it left the page. */
  readonly to: number | undefined;
  /** What went on meanwhile. */
  readonly during: string;
}

export class FallingCounters {
  #last = new Map<string, { value: number; series: string; isBucket: boolean }>();
  readonly falls: Fall[] = [];
  #pages = 0;

  get pages(): number {
    return this.#pages;
  }

  /** Takes the next page of the same server. */
  add(page: MetricsPage, during: string): void {
    this.#pages += 1;
    const next = new Map(page.counters().map(({ key, name, labels, value }) => [key, { value, series: `${name}${describeLabels(labels)}`, isBucket: name.endsWith('_bucket') }]));
    for (const [key, { value, series, isBucket }] of this.#last) {
      const now = next.get(key);
      if (now === undefined ? !isBucket : now.value < value) this.falls.push({ series, from: value, to: now?.value, during });
    }
    this.#last = next;
  }

  /** Another process began: its counters start anew. */
  forget(): void {
    this.#last = new Map();
  }
}

const describeLabels = (labels: ReadonlyMap<string, string>): string => (labels.size === 0 ? '' : `{${[...labels].map(([name, value]) => `${name}="${value}"`).join(',')}}`);
