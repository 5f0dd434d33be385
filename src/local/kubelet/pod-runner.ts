/**
 * Runs one pod: prepares its volumes and environment, starts its process, probes it, restarts it, ends it.
 *
 * @module
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../runtime/ports.ts';
import { sleep } from '../../runtime/waiting.ts';
import { startGuarded, stopGuarded } from '../process/guard.ts';
import type { GuardedProcess } from '../process/guard.ts';
import type { Addresses, PodAddress } from './addresses.ts';
import type { FindConfiguration } from './configuration.ts';
import { MissingConfiguration } from './configuration.ts';
import { ContainerProbes } from './container-probes.ts';
import { initialFacts } from './container-state.ts';
import type { ContainerFacts, Terminated } from './container-state.ts';
import type { LocalImages } from './images.ts';
import { InitContainers } from './init-containers.ts';
import { OutputLog } from './output-log.ts';
import { runProbe } from './probe-check.ts';
import type { Container, Pod } from './pod-schema.ts';
import type { PodFacts } from './pod-status.ts';
import { prepareContainer, writePodVolumes } from './prepare-container.ts';
import type { PodContext, Prepared } from './prepare-container.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { WrapCommand } from './wrap-command.ts';

export interface PodRunnerOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly clock: Clock;
  readonly addresses: Addresses;
  readonly find: FindConfiguration;
  readonly images: LocalImages;
  /** Folder of the run; pods and shared volumes have their own below it. */
  readonly runFolder: string;
  /** Where relative paths of a command begin. */
  readonly workingFolder: string;
  /** Absent: the program starts as it is. */
  readonly wrap?: WrapCommand | undefined;
  /** Something of `facts` has changed. */
  readonly onChange: () => void;
  /** A process group was started. */
  readonly onProcess: (group: number) => void;
  /** The program ended without being asked to. */
  readonly onCrash: (exitCode: number) => void;
}

/** How often a container that could not be prepared is tried again, ms; a change of what it misses tries at once. */
const prepareRetryMs = 2_000;

export class PodRunner {
  readonly #options: PodRunnerOptions;
  readonly #podFolder: string;
  readonly #log: OutputLog;
  readonly #backoff = new RestartBackoff();
  readonly #stopping = new AbortController();
  readonly #startTime: string;
  readonly #init: InitContainers;
  #retry = new AbortController();
  #address: PodAddress | undefined;
  #facts: ContainerFacts = initialFacts;
  #process: GuardedProcess | undefined;
  #done: Promise<void> | undefined;

  constructor(options: PodRunnerOptions) {
    this.#options = options;
    const { name, uid } = options.pod.metadata;
    this.#podFolder = join(options.runFolder, 'pods', uid);
    mkdirSync(this.#podFolder, { recursive: true, mode: 0o700 });
    mkdirSync(join(options.runFolder, 'logs'), { recursive: true, mode: 0o700 });
    this.#log = new OutputLog(join(options.runFolder, 'logs', `${name}.log`));
    this.#startTime = this.#now();
    if (options.pod.spec.initContainers.length > 0) this.#facts = { ...initialFacts, state: { waiting: { reason: 'PodInitializing' } } };
    this.#init = new InitContainers({
      ...options,
      log: this.#log,
      prepare: (container) => prepareContainer(this.#context(), container),
      untilRetry: () => this.#untilRetry(),
      stopping: this.#stopping.signal,
      onProcess: (running) => this.#runs(running),
    });
  }

  get facts(): PodFacts {
    return { ip: this.#address?.ip, init: this.#init.facts, container: this.#facts, startTime: this.#startTime };
  }

  /** Ports of this machine by declared port, where pods have no address of their own; else empty. */
  get ports(): ReadonlyMap<number, number> {
    return this.#address?.ports ?? new Map();
  }

  /** Process group of the pod; undefined while nothing runs. */
  get group(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the pod; to be called once. */
  start(): void {
    this.#done ??= this.#run();
  }

  /** Brings ConfigMap and Secret volumes up to date, and tries again at once what failed for want of one. */
  refresh(): void {
    this.#retry.abort();
    this.#retry = new AbortController();
    if (this.#process === undefined) return;
    try {
      writePodVolumes(this.#context(), this.#options.container);
    } catch (error) {
      // A ConfigMap that was deleted leaves running pods the last content they saw, as on a node.
      if (!(error instanceof MissingConfiguration)) throw error;
    }
  }

  /**
   * Ends the pod: preStop sleep, SIGTERM, after the grace period SIGKILL for the whole group. Its folder goes, its log stays.
   */
  async stop(graceMs: number): Promise<void> {
    const { container, clock, addresses } = this.#options;
    const startedMs = clock.monotonicMs();
    const preStopMs = (container.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000;
    if (this.#process !== undefined && preStopMs > 0) await sleep(clock, Math.min(preStopMs, graceMs));
    this.#stopping.abort();
    const left = Math.max(0, graceMs - (clock.monotonicMs() - startedMs));
    if (this.#process !== undefined) await stopGuarded(this.#process, left);
    await this.#done;
    if (this.#address !== undefined) addresses.release(this.#address);
    rmSync(this.#podFolder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const { container, addresses } = this.#options;
    this.#address = await addresses.take(container.ports.map(({ containerPort }) => containerPort));
    await this.#init.run();
    while (!this.#stopping.signal.aborted) {
      const prepared = prepareContainer(this.#context(), container);
      if ('reason' in prepared) {
        this.#wait(prepared.reason, prepared.message);
        await this.#untilRetry();
      } else await this.#runOnce(prepared);
    }
  }

  async #untilRetry(): Promise<void> {
    await sleep(this.#options.clock, prepareRetryMs, AbortSignal.any([this.#stopping.signal, this.#retry.signal]));
  }

  #context(): PodContext {
    const { pod, find, images, runFolder, workingFolder } = this.#options;
    const address = this.#address ?? { ip: '', ports: new Map<number, number>() };
    return { pod, find, images, address, workingFolder, podFolder: this.#podFolder, sharedFolder: join(runFolder, 'shared') };
  }

  async #runOnce(prepared: Prepared): Promise<void> {
    const { clock, pod, container, wrap } = this.#options;
    const startedMs = clock.monotonicMs();
    const startedAt = this.#now();
    this.#log.startAnew();
    const running = startGuarded(wrap === undefined ? prepared : { ...prepared, argv: wrap(prepared.argv, { pod, container }) });
    this.#runs(running);
    this.#log.follow(running.child.stdout);
    this.#log.follow(running.child.stderr);
    this.#set({ state: { running: { startedAt } }, started: false, ready: false });
    const probes = this.#probe(running);
    probes.start();
    const { code } = await running.ended;
    probes.stop();
    this.#runs(undefined);
    this.#ended({ exitCode: code, reason: code === 0 ? 'Completed' : 'Error', message: this.#log.tail(), startedAt, finishedAt: this.#now() });
    if (this.#stopping.signal.aborted) return;
    this.#options.onCrash(code);
    await this.#backOff(clock.monotonicMs() - startedMs);
  }

  #runs(running: GuardedProcess | undefined): void {
    this.#process = running;
    if (running !== undefined) this.#options.onProcess(running.pid);
  }

  #probe(running: GuardedProcess): ContainerProbes {
    const { container, clock, pod } = this.#options;
    const target = { container, ip: this.#address?.ip ?? '', portOf: (port: number) => this.ports.get(port) ?? port };
    return new ContainerProbes({
      container,
      clock,
      check: (probe) => runProbe(probe, target),
      onReady: (ready) => this.#set({ ready }),
      onStarted: () => this.#set({ started: true }),
      onUnhealthy: () => void stopGuarded(running, pod.spec.terminationGracePeriodSeconds * 1000),
    });
  }

  #ended(lastTerminated: Terminated): void {
    this.#set({ state: { terminated: lastTerminated }, lastTerminated, started: false, ready: false });
  }

  async #backOff(ranMs: number): Promise<void> {
    const { clock, container, pod } = this.#options;
    const delayMs = this.#backoff.next(ranMs);
    const message = `back-off ${delayMs / 1000}s restarting failed container=${container.name} pod=${pod.metadata.name}: ${this.#facts.lastTerminated?.message ?? ''}`;
    if (delayMs > 0) this.#wait('CrashLoopBackOff', message.slice(0, 1024));
    await sleep(clock, delayMs, this.#stopping.signal);
    this.#set({ restartCount: this.#facts.restartCount + 1 });
  }

  #wait(reason: string, message: string): void {
    this.#set({ state: { waiting: { reason, message } }, started: false, ready: false });
  }

  #set(change: Partial<ContainerFacts>): void {
    this.#facts = { ...this.#facts, ...change };
    this.#options.onChange();
  }

  #now(): string {
    return `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
  }
}
