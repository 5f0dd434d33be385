/**
 * Leader election on a Lease, as client-go does it, with a fence: `leaseValid` turns false by itself before anybody
 * else can have taken the lease over, even when this process was asleep.
 *
 * Expiry is measured by this machine's clocks only, from the moment a change of the record was seen; other machines'
 * timestamps are never compared.
 *
 * @module
 */
import { LeaseClient } from './lease-client.ts';
import { LeaseObserver } from './lease-observer.ts';
import { microTime } from './lease-record.ts';
import type { LeaseRecord } from './lease-record.ts';
import { ApiError, isApiError } from './ports.ts';
import type { ApiClient, Clock, KubeObject, Logger, MetricsSink, ObjectKey, Random } from './ports.ts';
import { sleep } from './waiting.ts';

export interface LeaderElectorOptions {
  readonly client: Pick<ApiClient, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsSink;
  readonly lease: ObjectKey;
  /** Unique to this process, for instance host name and a UUID: two processes of one identity would both lead. */
  readonly identity: string;
  /** How long a follower waits for a sign of life before it takes over, ms. Default 15 s. */
  readonly leaseDurationMs?: number;
  /** How long the leader goes on without a successful renewal, ms. Default 10 s; the rest of the lease is for writes under way. */
  readonly renewDeadlineMs?: number;
  /** Between attempts, ms. Default 2 s. */
  readonly retryPeriodMs?: number;
}

/** client-go's JitterFactor: followers retry after 1 to 2.2 retry periods. */
const JITTER_FACTOR = 1.2;

/** A record that we sent, and when. */
interface Attempt {
  readonly record: LeaseRecord;
  readonly sentMonotonicMs: number;
  readonly sentWallMs: number;
}

/** A time in office: the last attempt that succeeded, with the Lease as the server then held it. */
interface Term extends Attempt {
  readonly object: KubeObject;
}

export class LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #observer: LeaseObserver;
  readonly #lease: LeaseClient;
  readonly #lost = new AbortController();
  #term: Term | undefined;
  /** The last record we tried to write: when the answer was lost on the way, it tells our own write from another's. */
  #attempt: Attempt | undefined;

  /** Throws when the durations leave no room: leaseDuration > renewDeadline > retryPeriod · 1.2. */
  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.identity = options.identity;
    this.#clock = options.clock;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    if (this.#leaseDurationMs <= this.#renewDeadlineMs) throw new Error('leader election: leaseDurationMs must be greater than renewDeadlineMs');
    if (this.#renewDeadlineMs <= this.#retryPeriodMs * JITTER_FACTOR) throw new Error('leader election: renewDeadlineMs must be greater than 1.2 · retryPeriodMs');
    this.#observer = new LeaseObserver(options.clock, this.#leaseDurationMs);
    this.#lease = new LeaseClient({ client: options.client, clock: options.clock, lease: options.lease, limitMs: () => this.#requestLimit() });
    this.#report();
  }

  /** True from the moment the lease was won until it was lost, released or given up. */
  isLeader(): boolean {
    return this.#term !== undefined;
  }

  /**
   * True while a write begun now is safe. False once `renewDeadline` has passed since the last successful renewal was
   * sent, by the monotonic clock or by the wall clock, whichever moved more: the monotonic one of Linux stands still
   * while a machine is suspended.
   */
  leaseValid(): boolean {
    if (this.#term === undefined) return false;
    const monotonicMs = this.#clock.monotonicMs() - this.#term.sentMonotonicMs;
    const wallMs = this.#clock.now() - this.#term.sentWallMs;
    return Math.max(monotonicMs, wallMs) < this.#renewDeadlineMs;
  }

  /** `leaseTransitions` of our term; grows with each new term. 0 before the first one. */
  get transitions(): number {
    return this.#term?.record.transitions ?? 0;
  }

  /** Who holds the lease, as far as known; `''` for nobody. */
  get holder(): string {
    return this.#observer.record?.holder ?? '';
  }

  /** Aborted when leadership is over, for whatever reason. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Campaigns until the lease is ours (true) or `signal` is aborted (false). */
  async acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attemptTo('acquire the lease', () => this.#tryAcquire(signal))) {
        this.#options.logger.info('leading', { lease: this.#options.lease, identity: this.identity, transitions: this.transitions });
        return true;
      }
      await sleep(this.#clock, this.#retryPeriodMs * (1 + JITTER_FACTOR * this.#options.random()), signal);
    }
    return false;
  }

  /** Renews until `signal` is aborted (`'stopped'`, still leader: call `release`) or leadership is over (`'lost'`). */
  async keep(signal: AbortSignal): Promise<'stopped' | 'lost'> {
    while (this.#term !== undefined) {
      if (!(await sleep(this.#clock, this.#untilNextRenewal(), signal))) return 'stopped';
      if (this.#deadlinePassed()) this.#giveUp('the lease could not be renewed in time');
      else await this.#attemptTo('renew the lease', () => this.#tryRenew());
    }
    return 'lost';
  }

  /**
   * Gives the lease back so that the next leader need not wait for its expiry. Call it only when no write is under way.
   * Never rejects: a lease that cannot be released expires.
   */
  async release(): Promise<void> {
    const term = this.#term;
    if (term === undefined || !this.leaseValid()) return;
    // The fence closes first: from here on the lease may be anybody's.
    this.#endTerm();
    const now = microTime(this.#clock.now());
    const free: LeaseRecord = { ...term.record, holder: '', durationSeconds: 1, acquireTime: now, renewTime: now };
    await this.#attemptTo('release the lease', async () => {
      await this.#lease.write(free, term.object);
      this.#options.logger.info('lease released', { lease: this.#options.lease });
      return true;
    });
  }

  async #tryAcquire(signal: AbortSignal): Promise<boolean> {
    const current = await this.#lease.read(signal);
    if (current === undefined) return this.#write(this.#newRecord(this.#observer.nextTransitions()), undefined, signal);
    const holderBefore = this.holder;
    const record = this.#observer.see(current);
    const byAnother = record.holder !== '' && record.holder !== this.identity;
    if (byAnother && record.holder !== holderBefore) this.#options.logger.info('the lease is held by another process; standing by', { lease: this.#options.lease, holder: record.holder });
    if (this.#adoptOwnWrite(current, record)) return true;
    if (record.holder !== '' && !this.#observer.expired()) return false;
    return this.#write(this.#newRecord(this.#observer.nextTransitions()), current, signal);
  }

  /** Not ended by the stop signal: a renewal cut off half way would leave us without the version that `release` needs. */
  async #tryRenew(): Promise<boolean> {
    const term = this.#term;
    if (term === undefined) return false;
    try {
      return await this.#write(this.#renewedRecord(term), term.object);
    } catch (error) {
      if (!isApiError(error, 'Conflict', 'NotFound')) throw error;
      return this.#renewAfterSurprise(term);
    }
  }

  /** Somebody changed or deleted the Lease: ours still, unless it names another holder. */
  async #renewAfterSurprise(term: Term): Promise<boolean> {
    const current = await this.#lease.read();
    if (current !== undefined && this.#observer.see(current).holder !== this.identity) {
      this.#giveUp(`the lease is held by ${this.holder === '' ? 'nobody' : this.holder}`);
      return false;
    }
    return this.#write(this.#renewedRecord(term), current);
  }

  /** True when the lease shows what we last tried to write without hearing an answer. */
  #adoptOwnWrite(current: KubeObject, record: LeaseRecord): boolean {
    const attempt = this.#attempt;
    if (attempt === undefined || record.holder !== this.identity || record.renewTime !== attempt.record.renewTime) return false;
    if (this.#clock.monotonicMs() - attempt.sentMonotonicMs >= this.#renewDeadlineMs) return false;
    this.#beginTerm({ ...attempt, object: current });
    return true;
  }

  async #write(record: LeaseRecord, previous: KubeObject | undefined, signal?: AbortSignal): Promise<boolean> {
    // Taken before the request leaves: the server's time of the write cannot be earlier.
    const attempt = { record, sentMonotonicMs: this.#clock.monotonicMs(), sentWallMs: this.#clock.now() };
    this.#attempt = attempt;
    const object = await this.#lease.write(record, previous, signal);
    this.#observer.see(object);
    this.#beginTerm({ ...attempt, object });
    return true;
  }

  /** No request may outlive half the renew deadline, nor the deadline itself, or one hanging connection would cost the term. */
  #requestLimit(): number {
    const half = this.#renewDeadlineMs / 2;
    return this.#term === undefined ? half : Math.min(half, Math.max(1, this.#untilDeadline()));
  }

  async #attemptTo(what: string, action: () => Promise<boolean>): Promise<boolean> {
    try {
      return await action();
    } catch (error) {
      const level = isApiError(error, 'Conflict', 'AlreadyExists', 'Aborted') ? 'debug' : 'warn';
      this.#options.logger[level](`could not ${what}`, { lease: this.#options.lease, error });
      return false;
    }
  }

  #newRecord(transitions: number): LeaseRecord {
    const now = microTime(this.#clock.now());
    return { holder: this.identity, durationSeconds: Math.ceil(this.#leaseDurationMs / 1_000), acquireTime: now, renewTime: now, transitions };
  }

  #renewedRecord(term: Term): LeaseRecord {
    return { ...term.record, renewTime: microTime(this.#clock.now()) };
  }

  #untilDeadline(): number {
    return this.#term === undefined ? 0 : this.#term.sentMonotonicMs + this.#renewDeadlineMs - this.#clock.monotonicMs();
  }

  #untilNextRenewal(): number {
    return Math.max(0, Math.min(this.#retryPeriodMs, this.#untilDeadline()));
  }

  #deadlinePassed(): boolean {
    return this.#untilDeadline() <= 0;
  }

  #beginTerm(term: Term): void {
    this.#term = term;
    this.#report();
  }

  #giveUp(reason: string): void {
    this.#options.logger.error('leadership lost', { lease: this.#options.lease, reason });
    this.#endTerm();
  }

  #endTerm(): void {
    this.#term = undefined;
    this.#lost.abort(new ApiError('Aborted', `the lease ${this.#options.lease.namespace ?? ''}/${this.#options.lease.name} is no longer ours`));
    this.#report();
  }

  #report(): void {
    this.#options.metrics.set('leader_election_master_status', { name: this.#options.lease.name }, this.#term === undefined ? 0 : 1);
  }
}
