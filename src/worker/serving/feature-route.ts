/**
 * `POST /get-online-features` through the pool: accept, wait for a place, work, answer; measured at each step.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DefinitionsSource } from '../definitions/definitions-source.ts';
import type { Plan } from '../feast/plan.ts';
import { plainDetail } from '../feast/refusal.ts';
import type { ServingSettings } from '../messages.ts';
import type { OnlineStore, ViewFound } from '../store/online-store.ts';
import type { Admission, Waiting } from './admission.ts';
import { readBody } from './body.ts';
import type { BodyRoom } from './body.ts';
import type { Connections } from './connections.ts';
import { answerError, planWork, readFound, writeWork } from './feature-work.ts';
import type { Answer } from './feature-work.ts';
import type { Meter, Moments } from './meter.ts';
import { burnCpu, drawDelay } from './store-delay.ts';
import type { Turns } from './turns.ts';

/** What a process shares between its requests. */
export interface Pool {
  settings: ServingSettings;
  now: () => number;
  random: () => number;
  turns: Turns;
  admission: Admission;
  meter: Meter;
  store: OnlineStore;
  definitions: DefinitionsSource;
  connections: Connections;
  bodyRoom: BodyRoom;
}

/** Sends a JSON answer; the connection ends with it when it is time. */
export function send(pool: Pool, request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const length = Buffer.byteLength(answer.body);
  const headers: Record<string, string | number> = { 'content-type': 'application/json', 'content-length': length };
  if (answer.retryAfter !== undefined) headers['retry-after'] = answer.retryAfter;
  if (pool.connections.isLast(request.socket) || !request.complete) headers['connection'] = 'close';
  // Text of ASCII alone is the same in both encodings, and goes out without being converted once more.
  response.writeHead(answer.status, headers).end(answer.body, length === answer.body.length ? 'latin1' : 'utf8');
}

/** Takes a request in. */
export function serveFeatures(pool: Pool, request: IncomingMessage, response: ServerResponse): void {
  const readAt = pool.turns.arrivedAt();
  const accepted = pool.connections.begin(request.socket, readAt, pool.turns.turn);
  pool.meter.arrived(accepted);
  new Visit(pool, request, response, accepted).begin();
}

const noBody: Buffer = Buffer.alloc(0);

class Visit {
  private readonly pool: Pool;
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly moments: Moments;
  private readonly waiting: Waiting;
  private body = noBody;
  private settled = false;

  constructor(pool: Pool, request: IncomingMessage, response: ServerResponse, accepted: number) {
    this.pool = pool;
    this.request = request;
    this.response = response;
    this.moments = { accepted, pickedUp: accepted, storeMs: 0 };
    this.waiting = { since: accepted, start: () => this.pickUp(), refuse: () => this.turnAway('queue_wait') };
  }

  begin(): void {
    this.response.once('finish', () => this.settle(() => this.pool.meter.answered(this.response.statusCode, this.moments.accepted)));
    this.response.once('close', () => this.settle(() => this.leaveEarly()));
    readBody(this.request, this.pool.settings.maxBodyBytes, this.pool.bodyRoom, (body) => {
      if (body.kind === 'whole') this.offer(body.bytes);
      else if (body.kind === 'tooLarge') this.refuseBody();
      else if (body.kind === 'noRoom') this.shed('body_memory');
    });
  }

  private offer(body: Buffer): void {
    this.body = body;
    const { admission, meter } = this.pool;
    meter.integrate();
    const reason = admission.offer(this.waiting);
    if (reason !== undefined) this.turnAway(reason);
  }

  private turnAway(reason: string): void {
    this.takeBody();
    this.shed(reason);
  }

  private shed(reason: string): void {
    this.settle(() => this.pool.meter.shed(reason));
    this.send({ status: 503, body: JSON.stringify({ detail: reason === 'body_memory' ? 'Too many large request bodies are on their way; try again.' : 'The pool and its queue are full; try again.' }), retryAfter: 1 });
    this.request.resume();
  }

  private refuseBody(): void {
    const { status, body } = plainDetail(413, `The request body is larger than ${this.pool.settings.maxBodyBytes} bytes; split the request.`);
    this.send({ status, body });
    this.request.resume(); // what still comes is read and dropped, or the client would not read the answer
  }

  private pickUp(): void {
    this.moments.pickedUp = this.pool.now();
    this.pool.meter.pickedUp(this.moments.accepted);
    this.pool.turns.run(() => this.attempt(() => this.plan()));
  }

  private plan(): void {
    const { settings, definitions, turns, random } = this.pool;
    const plan = planWork(definitions.current(), this.takeBody(), this.request.headers['content-type']);
    if (settings.storeDelayMs === 0) {
      this.read(plan);
      return;
    }
    const from = this.pool.now();
    setTimeout(() => {
      this.moments.storeMs += this.pool.now() - from;
      turns.run(() => this.attempt(() => this.read(plan)));
    }, drawDelay(settings.storeDelayMs, settings.storeDelaySigma, random));
  }

  /** A store in this process answers at once; of another one the answer comes in a later turn. */
  private read(plan: Plan): void {
    const { store, now, turns } = this.pool;
    const from = now();
    const found = readFound(store, plan);
    if (!(found instanceof Promise)) {
      this.moments.storeMs += now() - from;
      this.finish(plan, found);
      return;
    }
    const settle = (work: () => void): void => {
      this.moments.storeMs += now() - from;
      turns.run(() => this.attempt(work));
    };
    found.then(
      (views) => settle(() => this.finish(plan, views)),
      (error: unknown) => settle(() => this.done(answerError(error))),
    );
  }

  private finish(plan: Plan, found: readonly ViewFound[]): void {
    const { settings, store } = this.pool;
    burnCpu(settings.cpuBurnMs);
    this.done(writeWork(plan, found, store.missingIsPresent));
  }

  /** Whatever goes wrong with one request is that request's answer, and its place in the pool comes free. */
  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.done(answerError(error));
    }
  }

  private done(answer: Answer): void {
    this.pool.meter.worked(this.moments);
    this.send(answer);
    this.pool.admission.release(this.pool.now() - this.moments.pickedUp);
  }

  private send(answer: Answer): void {
    if (!this.response.destroyed) send(this.pool, this.request, this.response, answer);
  }

  private leaveEarly(): void {
    this.pool.meter.aborted();
    if (this.pool.admission.cancel(this.waiting)) this.takeBody();
  }

  /** The body, whose memory is no longer held for it. */
  private takeBody(): Buffer {
    const { body } = this;
    this.pool.bodyRoom.giveBack(body.length);
    this.body = noBody;
    return body;
  }

  private settle(count: () => void): void {
    if (this.settled) return;
    this.settled = true;
    this.pool.connections.end(this.request.socket);
    count();
  }
}
