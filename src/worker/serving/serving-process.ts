/**
 * Entry of one serving process: forked by the primary, it takes connections from it and serves features.
 *
 * @module
 */
import { Socket } from 'node:net';
import { machineNow } from '../clock.ts';
import type { DefinitionsSource } from '../definitions/definitions-source.ts';
import { DefinitionsReceiver } from '../definitions/definitions-receiver.ts';
import { settingsVariable, isToServing } from '../messages.ts';
import type { FromServing, Knobs, ServingSettings, ToServing } from '../messages.ts';
import { openStore } from '../store/open-store.ts';
import { Admission } from './admission.ts';
import type { AdmissionLimits } from './admission.ts';
import { BodyRoom } from './body.ts';
import { Connections } from './connections.ts';
import type { Pool } from './feature-route.ts';
import { probeLoopLag } from './loop-lag.ts';
import { Meter } from './meter.ts';
import { createServingServer } from './serving-server.ts';
import { Turns } from './turns.ts';

const reportEveryMs = 250;
/** So long new definitions are built at a stretch. */
const definitionsStretchMs = 5;
/** How often it is looked whether the store has been reached, until it has. */
const firstReachMs = 50;

function tell(message: FromServing): void {
  // A channel that is gone means that the primary is gone, and then this process ends, too.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

function buildPool(settings: ServingSettings, definitions: DefinitionsSource): Pool {
  const now = machineNow;
  const random = (): number => Math.random();
  const turns = new Turns(now);
  const admission = new Admission(admissionLimits(settings, settings.knobs), now);
  const meter = new Meter(now, admission, settings.knobs.objectiveMs);
  const { store: config, project, missingEntities, storeTimeoutMs } = settings;
  const beforeReading = (): void => void turns.arrivedAt();
  const store = openStore({ config, project, missingEntities, timeoutMs: storeTimeoutMs, now, random, beforeReading });
  const connections = new Connections(settings.maxConnectionAgeMs, now, random);
  const bodyRoom = new BodyRoom(8 * settings.maxBodyBytes);
  return { settings, now, random, turns, admission, meter, store, definitions, connections, bodyRoom };
}

function admissionLimits({ queueWaitMs }: ServingSettings, { inflight, queue, objectiveMs }: Knobs): AdmissionLimits {
  return { limit: inflight, queue, objectiveMs, ...(queueWaitMs === 0 ? {} : { longestWaitMs: queueWaitMs }) };
}

function serve(settings: ServingSettings): void {
  const definitions = new DefinitionsReceiver({ stretchMs: definitionsStretchMs, now: machineNow, pause });
  const pool = buildPool(settings, definitions);
  const server = createServingServer(pool);
  let reached = false;

  const report = (id: number): void => {
    const { problem } = pool.store;
    reached ||= pool.store.isReached;
    tell({ type: 'report', id, snapshot: pool.meter.read({ reached, problem }) });
  };
  const configure = (knobs: Knobs): void => {
    pool.meter.integrate();
    pool.meter.setObjective(knobs.objectiveMs);
    pool.admission.resize(admissionLimits(settings, knobs));
  };
  const retire = (): void => {
    pool.connections.endAll();
    tell({ type: 'retiring' });
    leaveWhenDone(pool, () => report(0));
  };
  const take = (id: number, acceptedAt: number, socket: unknown): void => {
    tell({ type: 'taken', id });
    // Without a handle the client had gone before its connection was handed over.
    if (!(socket instanceof Socket)) return;
    pool.turns.arrivedAt();
    pool.connections.add(socket, acceptedAt, pool.turns.turn);
    server.emit('connection', socket);
  };
  const obey = (message: ToServing, socket: unknown): void => {
    if (message.type === 'connection') take(message.id, message.acceptedAt, socket);
    else if (message.type === 'report') report(message.id);
    else if (message.type === 'rebalance') pool.connections.endShare(message.share);
    else if (message.type === 'lastAnswers') pool.connections.endAll();
    else if (message.type === 'retire') retire();
    else if (message.type === 'definitions') void definitions.take(message);
    else {
      configure(message.knobs);
      tell({ type: 'configured', id: message.id });
    }
  };

  reportFirstReach(pool, report);
  setInterval(() => report(0), reportEveryMs).unref();
  probeLoopLag(pool.meter, pool.turns, pool.now);
  process.on('message', (message, socket) => {
    if (isToServing(message)) obey(message, socket);
  });
  // The server never listens itself, and would not look after its time limits without this event.
  server.emit('listening');
  report(0);
  void definitions.first.then(() => tell({ type: 'serving' }));
}

/** Lets requests in between. */
async function pause(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A pod gets no traffic before its store has been reached: that is told at once. */
function reportFirstReach(pool: Pool, report: (id: number) => void): void {
  const timer = setInterval(() => {
    if (!pool.store.isReached) return;
    clearInterval(timer);
    report(0);
  }, firstReachMs);
  timer.unref();
}

/** Waits until the last connection has had its answer; idle ones are given some time for one more request. */
function leaveWhenDone(pool: Pool, lastReport: () => void): void {
  const idleUntil = pool.now() + pool.settings.idleDrainMs;
  const timer = setInterval(() => {
    if (pool.now() >= idleUntil) pool.connections.closeIdle();
    if (pool.connections.size > 0) return;
    clearInterval(timer);
    lastReport();
    process.disconnect(); // flushes the last report, and ends the process by the event below
  }, 20);
}

// The primary decides when a process ends; a signal to the whole group must not overtake it.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
// Its own wish, or the primary is gone: nobody would send it connections any more.
process.on('disconnect', () => process.exit(0));

const settings = process.env[settingsVariable];
if (settings === undefined) {
  process.stderr.write('This is the serving part of `plateau worker`; start that instead.\n');
  process.exit(2);
}
serve(JSON.parse(settings) as ServingSettings);
