/**
 * Counts what one serving process does. All durations come in as milliseconds of the process's monotonic clock.
 *
 * @module
 */
import { Histogram } from '../metrics/histogram.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Admission } from './admission.ts';

/** The moments of one request, milliseconds. */
export interface Moments {
  accepted: number;
  pickedUp: number;
  storeMs: number;
}

export class Meter {
  private readonly now: () => number;
  private readonly admission: Admission;
  private objectiveMs: number;
  private arrivals = 0;
  private inflight = 0;
  private readonly requests: Record<string, number> = { '2xx': 0, '4xx': 0, '5xx': 0, aborted: 0 };
  private readonly rejected: Record<string, number> = { queue_full: 0, queue_wait: 0, body_memory: 0 };
  private overObjective = 0;
  private busyMs = 0;
  private inflightMs = 0;
  private lagMs = 0;
  private integratedAt: number;
  private readonly histograms: Record<'request' | 'queue' | 'service' | 'store', Histogram>;

  constructor(now: () => number, admission: Admission, objectiveMs: number) {
    this.now = now;
    this.admission = admission;
    this.objectiveMs = objectiveMs;
    this.integratedAt = now();
    const histogram = (): Histogram => new Histogram(objectiveMs);
    this.histograms = { request: histogram(), queue: histogram(), service: histogram(), store: histogram() };
  }

  setObjective(objectiveMs: number): void {
    this.objectiveMs = objectiveMs;
    for (const histogram of Object.values(this.histograms)) histogram.setObjective(objectiveMs);
  }

  /** A request came; `accepted` may lie a little back. */
  arrived(accepted: number): void {
    this.integrate();
    this.arrivals++;
    this.inflight++;
    this.inflightMs += Math.max(0, this.integratedAt - accepted);
  }

  /** A request was shed. Its latency is not observed: quick refusals would make an overloaded pool look fast. */
  shed(reason: string): void {
    this.leave();
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
  }

  /** A request got a place in the pool. Call it after the admission counted it. */
  pickedUp(accepted: number): void {
    this.histograms.queue.observe((this.now() - accepted) / 1000);
  }

  /** The work on a request is done. Call it before its place is released. */
  worked(moments: Moments): void {
    this.integrate();
    this.histograms.service.observe((this.now() - moments.pickedUp) / 1000);
    this.histograms.store.observe(moments.storeMs / 1000);
  }

  /** The last byte of an answer went to the kernel. */
  answered(status: number, accepted: number): void {
    this.leave();
    const tookMs = this.now() - accepted;
    const label = `${Math.floor(status / 100)}xx`;
    this.requests[label] = (this.requests[label] ?? 0) + 1;
    this.histograms.request.observe(tookMs / 1000);
    if (tookMs > this.objectiveMs) this.overObjective++;
  }

  /** The client had gone before its answer. */
  aborted(): void {
    this.leave();
    this.requests['aborted'] = (this.requests['aborted'] ?? 0) + 1;
  }

  /** The loop was `lagMs` late over the last `spanMs`. */
  lagged(lagMs: number, spanMs: number): void {
    this.lagMs += (lagMs * spanMs) / 1000;
  }

  /** Call it before each change of the number of running requests. */
  integrate(): void {
    const now = this.now();
    const span = now - this.integratedAt;
    this.inflightMs += this.inflight * span;
    this.busyMs += this.admission.running * span;
    this.integratedAt = now;
  }

  read(store: { reached: boolean; problem: string | undefined }): Snapshot {
    this.integrate();
    const { user, system } = process.cpuUsage();
    const { request, queue, service, store: storeTime } = this.histograms;
    return {
      arrivals: this.arrivals,
      requests: { ...this.requests },
      rejected: { ...this.rejected },
      overObjective: this.overObjective,
      busySeconds: this.busyMs / 1000,
      inflightSeconds: this.inflightMs / 1000,
      loopLagSeconds: this.lagMs / 1000,
      cpuSeconds: (user + system) / 1e6,
      histograms: { request: request.read(), queue: queue.read(), service: service.read(), store: storeTime.read() },
      inflight: this.inflight,
      queueDepth: this.admission.waiting,
      storeReached: store.reached,
      storeProblem: store.problem,
    };
  }

  private leave(): void {
    this.integrate();
    this.inflight--;
  }
}
