/**
 * Runs the init containers of a pod, one after another, each until it has succeeded.
 *
 * @module
 */
import type { Clock } from '../../runtime/ports.ts';
import { sleep } from '../../runtime/waiting.ts';
import { startGuarded } from '../process/guard.ts';
import type { GuardedProcess } from '../process/guard.ts';
import { initialFacts } from './container-state.ts';
import type { ContainerFacts, Terminated } from './container-state.ts';
import type { OutputLog } from './output-log.ts';
import type { Container, Pod } from './pod-schema.ts';
import type { NotPrepared, Prepared } from './prepare-container.ts';
import { RestartBackoff } from './restart-backoff.ts';

export interface InitContainersOptions {
  readonly pod: Pod;
  readonly clock: Clock;
  readonly log: OutputLog;
  readonly prepare: (container: Container) => Prepared | NotPrepared;
  /** Waits until a container that could not be prepared is worth another try. */
  readonly untilRetry: () => Promise<void>;
  /** Aborted when the pod is to end. */
  readonly stopping: AbortSignal;
  /** What runs now; undefined when it has ended. */
  readonly onProcess: (process: GuardedProcess | undefined) => void;
  readonly onChange: () => void;
  /** One failed; it is started again. */
  readonly onCrash: (exitCode: number) => void;
}

const pending: ContainerFacts = { ...initialFacts, state: { waiting: { reason: 'PodInitializing' } } };

export class InitContainers {
  readonly #options: InitContainersOptions;
  readonly #facts: ContainerFacts[];

  constructor(options: InitContainersOptions) {
    this.#options = options;
    this.#facts = options.pod.spec.initContainers.map(() => pending);
  }

  /** Of each init container, in order. */
  get facts(): readonly ContainerFacts[] {
    return this.#facts;
  }

  /** Runs all of them; resolves early when the pod is to end. They run once in the life of a pod, however often its containers are restarted. */
  async run(): Promise<void> {
    for (const [index, container] of this.#options.pod.spec.initContainers.entries()) await this.#untilDone(index, container);
  }

  async #untilDone(index: number, container: Container): Promise<void> {
    const { prepare, untilRetry, stopping, clock } = this.#options;
    const backoff = new RestartBackoff();
    while (!stopping.aborted) {
      const prepared = prepare(container);
      if ('reason' in prepared) {
        this.#set(index, { state: { waiting: prepared } });
        await untilRetry();
        continue;
      }
      const startedMs = clock.monotonicMs();
      if (await this.#succeeds(index, prepared)) return;
      if (stopping.aborted) return;
      await this.#backOff(index, container, backoff.next(clock.monotonicMs() - startedMs));
    }
  }

  async #succeeds(index: number, prepared: Prepared): Promise<boolean> {
    const { log, onProcess } = this.#options;
    const startedAt = this.#now();
    log.startAnew();
    const running = startGuarded(prepared);
    log.follow(running.child.stdout);
    log.follow(running.child.stderr);
    onProcess(running);
    this.#set(index, { state: { running: { startedAt } }, started: true });
    const { code } = await running.ended;
    onProcess(undefined);
    const terminated: Terminated = { exitCode: code, reason: code === 0 ? 'Completed' : 'Error', message: code === 0 ? '' : log.tail(), startedAt, finishedAt: this.#now() };
    this.#set(index, { state: { terminated }, started: false, ready: code === 0, ...(code === 0 ? {} : { lastTerminated: terminated }) });
    if (code !== 0 && !this.#options.stopping.aborted) this.#options.onCrash(code);
    return code === 0;
  }

  async #backOff(index: number, container: Container, delayMs: number): Promise<void> {
    const { clock, pod, stopping } = this.#options;
    const facts = this.#facts[index] ?? pending;
    const message = `back-off ${delayMs / 1000}s restarting failed container=${container.name} pod=${pod.metadata.name}: ${facts.lastTerminated?.message ?? ''}`;
    if (delayMs > 0) this.#set(index, { state: { waiting: { reason: 'CrashLoopBackOff', message: message.slice(0, 1024) } } });
    await sleep(clock, delayMs, stopping);
    this.#set(index, { restartCount: facts.restartCount + 1 });
  }

  #set(index: number, change: Partial<ContainerFacts>): void {
    this.#facts[index] = { ...(this.#facts[index] ?? pending), ...change };
    this.#options.onChange();
  }

  #now(): string {
    return `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
  }
}
