/**
 * The worker's main process: forks the serving processes, deals them connections, runs the admin port, ends everything in order.
 *
 * @module
 */
import { once } from 'node:events';
import type { Server as AdminServer } from 'node:http';
import type { Server } from 'node:net';
import { packageVersion } from '../../api/package-version.ts';
import type { PoolConfig } from '../../api/protocol.ts';
import { machineNow } from '../clock.ts';
import { DefinitionsWatch } from '../definitions/definitions-watch.ts';
import type { GoodRegistry } from '../definitions/read-registry.ts';
import type { FeatureStore } from '../feature-store.ts';
import type { Log } from '../log.ts';
import type { ServingSettings } from '../messages.ts';
import type { Settings } from '../settings.ts';
import { describeStore } from '../store/store-config.ts';
import { createAdminServer } from './admin-server.ts';
import { Dealer } from './dealer.ts';
import { endingOf } from './ending.ts';
import { readThrottling, RunQueueWaits } from './kernel-figures.ts';
import { renderPage } from './page.ts';
import { Pool, queueFor } from './pool.ts';
import { Processes } from './processes.ts';
import { StoreNews } from './store-news.ts';
import type { PodFigures } from './tally.ts';

/** A scrape waits so long for a busy process, then takes its last report. */
const scrapeDeadlineMs = 200;
/** Longest stretch of work on a new registry between two connections. */
const definitionsStretchMs = 5;
/** How often it is looked whether the store is lost or back. */
const storeNewsMs = 250;
/** What to do about an address that cannot be listened on. */
const remedies = new Map([
  ['EADDRINUSE', 'free the port or choose another one'],
  ['EADDRNOTAVAIL', 'choose an address of this machine with --host'],
  ['EACCES', 'choose a port above 1023'],
]);

export interface PrimaryInput {
  settings: Settings;
  config: PoolConfig;
  store: FeatureStore;
  registry: GoodRegistry;
  log: Log;
}

/**
 * Runs the worker until a signal ends it.
 * @returns the exit code: 0 after a clean end, 1 when the pool could not come up
 */
export async function runPrimary(input: PrimaryInput): Promise<number> {
  return new Primary(input).run();
}

class Primary {
  private readonly input: PrimaryInput;
  private readonly dealer = new Dealer(machineNow);
  private readonly processes: Processes;
  private readonly pool: Pool;
  private readonly watch: DefinitionsWatch;
  private readonly waits = new RunQueueWaits();
  private readonly version = packageVersion();
  private up = false;
  private reached = false;
  private ending = false;
  private failed = false;
  private finish: (code: number) => void = () => undefined;

  constructor(input: PrimaryInput) {
    this.input = input;
    const { settings, config, store, log } = input;
    this.processes = new Processes(servingSettings(input), log, this.dealer);
    this.pool = new Pool(config, settings, this.processes);
    const pace = { stretchMs: definitionsStretchMs, now: machineNow, pause: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    this.watch = new DefinitionsWatch({ path: settings.featureStore, store, log, pace, onRegistry: (registry) => this.processes.define(registry) });
  }

  async run(): Promise<number> {
    const { settings } = this.input;
    const done = new Promise<number>((resolve) => (this.finish = resolve));
    const admin = createAdminServer({
      pool: this.pool,
      tokenFile: settings.tokenFile,
      metrics: () => this.metrics(),
      notReady: () => this.notReady(),
      degraded: () => this.storeProblem() ?? this.watch.problem,
    });
    admin.on('error', (error) => this.fail(`admin port: ${describe(error)}`));
    this.dealer.server.on('error', (error) => this.fail(`serving port: ${describe(error)}`));
    await this.watch.start(this.input.registry);
    const looks = setInterval(() => void this.watch.look(), settings.registryCheckMs);
    const stop = (): void => void this.end();
    process.on('SIGTERM', stop).on('SIGINT', stop);
    void this.start(admin);
    const code = await done;
    clearInterval(looks);
    process.off('SIGTERM', stop).off('SIGINT', stop);
    admin.close();
    admin.closeAllConnections();
    return code;
  }

  private async start(admin: AdminServer): Promise<void> {
    const { settings, log, store } = this.input;
    const { host } = settings;
    try {
      admin.listen({ port: settings.adminPort, host });
      await Promise.all([once(admin, 'listening'), this.pool.start()]);
      // Only now: a connection that comes earlier is refused at once, and tried elsewhere, instead of waiting.
      this.dealer.server.listen({ port: settings.port, host, backlog: 1024 });
      await once(this.dealer.server, 'listening');
      this.up = true;
      this.tellStoreNews();
      log('info', 'serving', { host, port: portOf(this.dealer.server), adminPort: portOf(admin), store: describeStore(store.store) });
    } catch (error) {
      this.fail(describe(error)); // an error of a port is told by its listener above, which comes first
    }
  }

  private tellStoreNews(): void {
    const news = new StoreNews(this.input.log, machineNow);
    let reached = false;
    const listen = (): void => {
      // What has not been reached yet is not lost; /readyz says it.
      reached ||= this.notReady() === undefined;
      if (reached && !this.ending) news.hear(this.storeProblem());
    };
    setInterval(listen, storeNewsMs).unref();
  }

  private fail(message: string): void {
    if (this.failed) return;
    this.failed = true;
    this.input.log('error', `the worker cannot ${this.up ? 'go on' : 'start'}: ${message}`);
    this.processes.kill();
    this.dealer.server.close();
    this.finish(1);
  }

  private async end(): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    const { settings, log } = this.input;
    const { drainMs, killMs } = endingOf(settings.drainGraceMs, settings.terminationGraceMs);
    log('info', 'ending: no longer ready, still accepting', { graceMs: drainMs });
    const lastMoment = setTimeout(() => {
      log('warn', 'requests were still in flight at the end of the grace period');
      this.processes.kill();
    }, killMs);
    this.processes.announceEnd();
    await new Promise((resolve) => setTimeout(resolve, drainMs));
    this.dealer.server.close();
    while (this.dealer.depth > 0 && this.processes.serving().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await this.processes.end();
    clearTimeout(lastMoment);
    log('info', 'ended');
    this.finish(0);
  }

  private notReady(): string | undefined {
    if (this.ending) return 'the worker is ending';
    if (!this.up) return 'the pool is not up yet';
    if (this.processes.serving().length === 0) return 'no serving process is up';
    this.reached ||= this.processes.living().some((child) => child.snapshot?.storeReached === true);
    return this.reached ? undefined : (this.storeProblem() ?? 'the store has not been reached yet');
  }

  private storeProblem(): string | undefined {
    return this.processes.serving().find((child) => child.snapshot?.storeProblem !== undefined)?.snapshot?.storeProblem;
  }

  private async metrics(): Promise<string> {
    await this.processes.collect(scrapeDeadlineMs);
    const state = this.pool.state();
    const living = this.processes.living();
    const figures = addWaiting(this.processes.tally.sum(living, state.objectiveMs), this.dealer);
    const { user, system } = process.cpuUsage();
    return renderPage({
      state,
      threadsInForce: this.pool.inForce.threads,
      generationInForce: this.pool.inForce.generation,
      processes: this.processes.serving().length,
      figures,
      podCpuSeconds: (user + system) / 1e6 + figures.totals.cpuSeconds,
      runQueueSeconds: this.waits.read([process.pid, ...living.map((child) => child.pid)]),
      throttling: readThrottling(),
      version: this.version,
    });
  }
}

/** Connections that no process has taken yet are requests in the queue, as far as can be known without reading them. */
function addWaiting(figures: PodFigures, dealer: Dealer): PodFigures {
  const { totals } = figures;
  return {
    ...figures,
    inflight: figures.inflight + dealer.depth,
    queueDepth: figures.queueDepth + dealer.depth,
    totals: {
      ...totals,
      arrivals: totals.arrivals + dealer.refused,
      rejected: { ...totals.rejected, accept_queue_full: dealer.refused },
    },
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const remedy = 'code' in error ? remedies.get(String(error.code)) : undefined;
  return remedy === undefined ? error.message : `${error.message}; ${remedy}`;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function servingSettings({ settings, config, store }: PrimaryInput): ServingSettings {
  const { threads, objectiveMs } = config;
  const { drainMs, killMs } = endingOf(settings.drainGraceMs, settings.terminationGraceMs);
  return {
    maxBodyBytes: settings.maxBodyBytes,
    maxConnectionAgeMs: settings.maxConnectionAgeMs,
    keepAliveTimeoutMs: settings.keepAliveTimeoutMs,
    headersTimeoutMs: settings.headersTimeoutMs,
    requestTimeoutMs: settings.requestTimeoutMs,
    idleDrainMs: Math.min(settings.idleDrainMs, (killMs - drainMs) / 2),
    storeDelayMs: settings.storeDelayMs,
    storeDelaySigma: settings.storeDelaySigma,
    cpuBurnMs: settings.cpuBurnMs,
    queueWaitMs: settings.queueWaitMs,
    knobs: { inflight: threads, queue: queueFor(threads, settings.queueFactor), objectiveMs },
    project: store.project,
    store: store.store,
    storeTimeoutMs: settings.storeTimeoutMs,
    missingEntities: settings.missingEntities,
  };
}
