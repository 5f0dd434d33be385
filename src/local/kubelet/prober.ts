/**
 * Repeats a probe at its period and turns results into a verdict by its thresholds.
 *
 * @module
 */
import type { Clock } from '../../runtime/ports.ts';
import type { Probe } from './pod-schema.ts';
import type { ProbeResult } from './probe-check.ts';

export interface ProberOptions {
  readonly probe: Pick<Probe, 'initialDelaySeconds' | 'periodSeconds' | 'successThreshold' | 'failureThreshold'>;
  readonly check: () => Promise<ProbeResult>;
  readonly clock: Clock;
  /** Called when so many results in a row agree as the thresholds ask, once for each change. */
  readonly onVerdict: (passed: boolean, message: string) => void;
}

export class Prober {
  readonly #options: ProberOptions;
  #verdict: boolean | undefined;
  #inARow = 0;
  #last: boolean | undefined;
  #stopped = false;
  #cancel: () => void = () => undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** The first probe comes after the initial delay, each later one a period after the one before began. */
  start(): void {
    this.#scheduleAfter(this.#options.probe.initialDelaySeconds * 1000);
  }

  /** No verdict comes after this, not even from a probe that is under way. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #scheduleAfter(delayMs: number): void {
    if (!this.#stopped) this.#cancel = this.#options.clock.schedule(delayMs, () => void this.#once());
  }

  async #once(): Promise<void> {
    const { clock, probe, check } = this.#options;
    const startedMs = clock.monotonicMs();
    const result = await check();
    if (this.#stopped) return;
    this.#count(result);
    this.#scheduleAfter(Math.max(0, Math.max(1, probe.periodSeconds) * 1000 - (clock.monotonicMs() - startedMs)));
  }

  #count({ ok, message }: ProbeResult): void {
    const { probe, onVerdict } = this.#options;
    this.#inARow = ok === this.#last ? this.#inARow + 1 : 1;
    this.#last = ok;
    const threshold = ok ? probe.successThreshold : probe.failureThreshold;
    if (this.#inARow < threshold || this.#verdict === ok) return;
    this.#verdict = ok;
    onVerdict(ok, message);
  }
}
