/**
 * The three probes of a container and how they depend on each other: until the startup probe has passed, the others rest.
 *
 * @module
 */
import type { Clock } from '../../runtime/ports.ts';
import type { Container, Probe } from './pod-schema.ts';
import { Prober } from './prober.ts';
import type { ProbeResult } from './probe-check.ts';

export interface ContainerProbesOptions {
  readonly container: Pick<Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;
  readonly check: (probe: Probe) => Promise<ProbeResult>;
  readonly clock: Clock;
  readonly onReady: (ready: boolean) => void;
  readonly onStarted: () => void;
  /** The container has to be restarted; the message says which probe failed and how. */
  readonly onUnhealthy: (message: string) => void;
}

export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  readonly #probers: Prober[] = [];

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
  }

  start(): void {
    const { startupProbe } = this.#options.container;
    if (startupProbe === undefined) this.#afterStartup();
    else this.#run(startupProbe, (passed, message) => (passed ? this.#afterStartup() : this.#options.onUnhealthy(`Startup probe failed: ${message}`)));
  }

  stop(): void {
    for (const prober of this.#probers.splice(0)) prober.stop();
  }

  #afterStartup(): void {
    this.stop();
    const { container, onReady, onStarted, onUnhealthy } = this.#options;
    onStarted();
    if (container.readinessProbe === undefined) onReady(true);
    else this.#run(container.readinessProbe, onReady);
    if (container.livenessProbe === undefined) return;
    this.#run(container.livenessProbe, (passed, message) => {
      if (!passed) onUnhealthy(`Liveness probe failed: ${message}`);
    });
  }

  #run(probe: Probe, onVerdict: (passed: boolean, message: string) => void): void {
    const { check, clock } = this.#options;
    const prober = new Prober({ probe, clock, check: () => check(probe), onVerdict });
    this.#probers.push(prober);
    prober.start();
  }
}
