/**
 * One FeatureServer, from what is there towards what should be: observe → decide → plan → apply → status.
 *
 * @module
 */
import { featureServerStatusSchema } from '../../api/featureserver-status.ts';
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import { decide } from '../../core/featureserver/decide.ts';
import type { Decided } from '../../core/featureserver/decide.ts';
import { pendingHealth, unreadableConditions } from '../../core/featureserver/health.ts';
import { narrate } from '../../core/featureserver/narrate.ts';
import { nothingDone } from '../../core/featureserver/outcome.ts';
import type { Observed } from '../../core/featureserver/observed.ts';
import { pinnedImages } from '../../core/featureserver/pinned-images.ts';
import type { OwnImages } from '../../core/featureserver/pinned-images.ts';
import { plan } from '../../core/featureserver/plan.ts';
import { nextStatus } from '../../core/featureserver/status.ts';
import { desiredChildren, poolToken, unwantedChildren } from '../../core/specs/index.ts';
import type { Child, ChildContext } from '../../core/specs/index.ts';
import { parseKey } from '../../runtime/keys.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import type { ApiClient, Clock, KubeObject, Logger, Random } from '../../runtime/ports.ts';
import type { EventRecorder } from '../../telemetry/event-recorder.ts';
import type { OperatorMetrics } from '../../telemetry/metrics.ts';
import { execute } from './execute.ts';
import { parseFeatureServer } from './facts.ts';
import type { FleetMetrics } from './fleet-metrics.ts';
import type { Observer } from './observer.ts';
import type { PoolPusher } from './pool-pusher.ts';
import type { StatusWriter } from './status-writer.ts';

export interface ReconcilerOptions {
  readonly client: ApiClient;
  readonly observer: Observer;
  readonly statusWriter: StatusWriter;
  readonly pusher: PoolPusher;
  readonly events: EventRecorder;
  readonly fleetMetrics: FleetMetrics;
  readonly metrics: OperatorMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly ownImages: OwnImages;
  readonly operatorPods: ChildContext['operator'];
  operatorKey(signal: AbortSignal): Promise<Uint8Array>;
}

/** Nothing is missed by watching; this only heals what a defect or an edit by night may have left, ms. */
const resyncMs = 600_000;
/** Figures in the status are at most this old while a fleet is measured, ms. */
const refreshMs = 60_000;
/** A refused child, a foreign one or a missing Secret tells nobody when it is put right, ms. */
const blockedMs = 15_000;

export class Reconciler {
  readonly #options: ReconcilerOptions;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Reconciles one key; rejects with the error of a write that should be tried again. */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const object = this.#options.observer.featureServer(key);
    if (object === undefined) return this.#forget(key);
    if (object.metadata.deletionTimestamp !== undefined) return {};
    const parsed = parseFeatureServer(object);
    if (!parsed.ok) return this.#unreadable(key, object, parsed.problem, signal);
    return this.#converge(key, parsed.featureServer, signal);
  }

  async #converge(key: string, featureServer: FeatureServer, signal: AbortSignal): Promise<ReconcileResult> {
    const { observer, client, metrics, statusWriter, pusher } = this.#options;
    const logger = this.#options.logger.with({ featureServer: key });
    const owner = featureServer.metadata;
    const observed = await observer.observe(key, featureServer, signal);
    const decided = decide(observed);
    const token = poolToken(await this.#options.operatorKey(signal), owner.uid);
    const desired = this.#desired(observed, decided, token);
    const planned = plan(observed, desired, unwantedChildren(featureServer).map(({ role }) => role), decided.replicas);
    const images = pinnedImages(featureServer, this.#options.ownImages);
    if (featureServer.status === undefined) {
      const first = nextStatus({ observed, decided: { ...decided, move: null }, plan: planned, outcome: nothingDone, images, health: pendingHealth() });
      await statusWriter.write(key, owner, first, signal);
    }
    const { outcome, retry } = await execute(planned, { client, children: observer.children, metrics, logger, owner, signal });
    observer.trustUnlessWritten(observed, planned, outcome);
    pusher.want(key, featureServer, decided.pool.config, token);
    const status = nextStatus({ observed: observer.again(observed), decided, plan: planned, outcome, images });
    const dueMs = await statusWriter.writeIfDue(key, featureServer, status, signal);
    await this.#tell(featureServer, status, () => narrate(featureServer.status, status, planned, decided, outcome));
    if (decided.move !== null && outcome.failures.length === 0) this.#options.fleetMetrics.moved(decided.move.reason);
    if (retry !== undefined) throw retry;
    const blocked = planned.taken.length > 0 || outcome.failures.length > 0 || observed.featureStoreMissing !== null;
    return { requeueAfterMs: this.#nextLook(dueMs, blocked, observed) };
  }

  #desired(observed: Observed, decided: Decided, token: string): Child[] {
    return desiredChildren(observed.featureServer, {
      images: pinnedImages(observed.featureServer, this.#options.ownImages),
      pool: decided.pool.config,
      token,
      operator: this.#options.operatorPods,
      podAnnotations: decided.podAnnotations,
    });
  }

  #nextLook(dueMs: number | undefined, blocked: boolean, observed: Observed): number {
    const calm = blocked ? blockedMs : observed.recommendation === null ? resyncMs : refreshMs;
    // Spread, so that a thousand objects created together do not come back together.
    return Math.min(dueMs ?? Infinity, calm * (0.9 + 0.2 * this.#options.random()));
  }

  async #tell(featureServer: FeatureServer, status: FeatureServerStatus, events: () => ReturnType<typeof narrate>): Promise<void> {
    this.#options.fleetMetrics.show(featureServer, status);
    const { apiVersion, kind, metadata: { namespace, name, uid } } = featureServer;
    for (const event of events()) await this.#options.events.record({ apiVersion, kind, namespace, name, uid }, event);
  }

  #forget(key: string): ReconcileResult {
    const { namespace = '', name } = parseKey(key);
    this.#options.observer.forget(key);
    this.#options.pusher.forget(key);
    this.#options.statusWriter.forget(key);
    this.#options.fleetMetrics.forget(namespace, name);
    return {};
  }

  /** The children stay as they are, and so does all that the status remembers of them. */
  async #unreadable(key: string, object: KubeObject, problem: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { logger, statusWriter, clock } = this.#options;
    logger.error('a FeatureServer cannot be read by this version of the operator; its children stay as they are', { featureServer: key, problem });
    const { name = '', namespace = '', uid = '', generation = 0 } = object.metadata;
    const status = featureServerStatusSchema.safeParse(object['status'] ?? {});
    if (!status.success) return {};
    const stalled = unreadableConditions(problem, status.data, generation, clock.now());
    await statusWriter.writeIfDue(key, { metadata: { name, namespace, uid } }, { ...status.data, observedGeneration: generation, conditions: stalled }, signal);
    return {};
  }
}
