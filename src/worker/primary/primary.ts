/**
 * The worker's main process: forks the serving processes, deals them connections, runs the admin port, ends everything in order.
 *
 * @module
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PoolConfig } from '../../api/protocol.ts';
import type { FeatureStore } from '../feature-store.ts';
import type { Log } from '../log.ts';
import type { ServingSettings } from '../messages.ts';
import type { Settings } from '../settings.ts';
import { createAdminServer } from './admin-server.ts';
import { readThrottling, RunQueueWaits } from './kernel-figures.ts';
import { renderPage } from './page.ts';
import { Pool, queueFor } from './pool.ts';
import { Processes } from './processes.ts';

/** A scrape waits so long for a busy process, then takes its last report. */
const scrapeDeadlineMs = 200;
/** So long before the pod's grace period ends, what is left is killed. */
const lastMomentMs = 1000;
const version = '0.1.0';

export interface PrimaryInput {
  settings: Settings;
  config: PoolConfig;
  store: FeatureStore;
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
  private readonly processes: Processes;
  private readonly pool: Pool;
  private readonly waits = new RunQueueWaits();
  private up = false;
  private reached = false;
  private ending = false;
  private finish: (code: number) => void = () => undefined;

  constructor(input: PrimaryInput) {
    this.input = input;
    const { settings, config, log } = input;
    this.processes = new Processes(servingSettings(input), log, (message) => this.fail(message));
    this.pool = new Pool(config, settings, this.processes);
  }

  async run(): Promise<number> {
    const { settings, log } = this.input;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    const entry = fileURLToPath(new URL(`../serving/serving-process${extname(import.meta.url)}`, import.meta.url));
    cluster.setupPrimary({ exec: entry, args: [], execArgv: ['--disable-warning=ExperimentalWarning'] });
    const done = new Promise<number>((resolve) => (this.finish = resolve));
    const admin = createAdminServer({
      pool: this.pool,
      tokenFile: settings.tokenFile,
      metrics: () => this.metrics(),
      notReady: () => this.notReady(),
      degraded: () => this.storeProblem(),
    });
    admin.on('error', (error) => this.fail(`admin port: ${error.message}`));
    admin.listen({ port: settings.adminPort, host: settings.host });
    const stop = (): void => void this.end();
    process.on('SIGTERM', stop).on('SIGINT', stop);
    void this.start(admin.listening ? Promise.resolve() : once(admin, 'listening'), () => {
      const address = admin.address();
      const adminPort = typeof address === 'object' && address !== null ? address.port : settings.adminPort;
      log('info', 'serving', { host: settings.host, port: this.processes.port ?? 0, adminPort, store: this.input.store.path });
    });
    const code = await done;
    process.off('SIGTERM', stop).off('SIGINT', stop);
    admin.close();
    admin.closeAllConnections();
    return code;
  }

  private async start(listening: Promise<unknown>, ready: () => void): Promise<void> {
    await Promise.all([listening, this.pool.start()]);
    this.up = true;
    ready();
  }

  private fail(message: string): void {
    this.input.log('error', `the worker cannot start: ${message}; free the port or choose another one`);
    this.processes.kill();
    this.finish(1);
  }

  private async end(): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    const { settings, log } = this.input;
    log('info', 'ending: no longer ready, still accepting', { graceMs: settings.drainGraceMs });
    const lastMoment = setTimeout(() => {
      log('warn', 'requests were still in flight at the end of the grace period');
      this.processes.kill();
    }, Math.max(0, settings.terminationGraceMs - lastMomentMs));
    this.processes.announceEnd();
    await new Promise((resolve) => setTimeout(resolve, settings.drainGraceMs));
    await this.processes.end();
    clearTimeout(lastMoment);
    log('info', 'ended');
    this.finish(0);
  }

  private notReady(): string | undefined {
    if (this.ending) return 'the worker is ending';
    if (!this.up) return 'the pool is not up yet';
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
    const figures = this.processes.tally.sum(living, state.objectiveMs);
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
      version,
    });
  }
}

function servingSettings({ settings, config, store }: PrimaryInput): ServingSettings {
  const { threads, objectiveMs } = config;
  return {
    host: settings.host,
    port: settings.port,
    maxBodyBytes: settings.maxBodyBytes,
    maxConnectionAgeMs: settings.maxConnectionAgeMs,
    keepAliveTimeoutMs: settings.keepAliveTimeoutMs,
    headersTimeoutMs: settings.headersTimeoutMs,
    requestTimeoutMs: settings.requestTimeoutMs,
    idleDrainMs: settings.idleDrainMs,
    storeDelayMs: settings.storeDelayMs,
    storeDelaySigma: settings.storeDelaySigma,
    cpuBurnMs: settings.cpuBurnMs,
    knobs: { inflight: threads, queue: queueFor(threads, settings.queueFactor), objectiveMs },
    project: store.project,
    storePath: store.path,
  };
}
