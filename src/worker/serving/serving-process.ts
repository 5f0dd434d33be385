/**
 * Entry of one serving process: forked by the primary, it takes connections from it and serves features.
 *
 * @module
 */
import { Socket } from 'node:net';
import { machineNow } from '../clock.ts';
import { settingsVariable, isToServing } from '../messages.ts';
import type { FromServing, Knobs, ServingSettings, ToServing } from '../messages.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { Admission } from './admission.ts';
import { BodyRoom } from './body.ts';
import { Connections } from './connections.ts';
import type { Pool } from './feature-route.ts';
import { probeLoopLag } from './loop-lag.ts';
import { Meter } from './meter.ts';
import { createServingServer } from './serving-server.ts';
import { Turns } from './turns.ts';

const reportEveryMs = 250;
const storeCheckMs = 250;

function tell(message: FromServing): void {
  // A channel that is gone means that the primary is gone, and then this process ends, too.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

function buildPool(settings: ServingSettings): Pool {
  const now = machineNow;
  const random = (): number => Math.random();
  const { inflight, queue, objectiveMs } = settings.knobs;
  const turns = new Turns(now);
  const admission = new Admission(inflight, queue);
  const meter = new Meter(now, admission, objectiveMs);
  const store = new SqliteStore(settings.storePath, settings.project);
  const connections = new Connections(settings.maxConnectionAgeMs, now, random);
  const bodyRoom = new BodyRoom(8 * settings.maxBodyBytes);
  return { settings, now, random, turns, admission, meter, store, connections, bodyRoom };
}

function serve(settings: ServingSettings): void {
  const pool = buildPool(settings);
  const server = createServingServer(pool);
  let reached = false;

  const checkStore = (): void => {
    pool.store.check();
    reached ||= pool.store.problem === undefined;
  };
  const report = (id: number): void => tell({ type: 'report', id, snapshot: pool.meter.read({ reached, problem: pool.store.problem }) });
  const configure = (knobs: Knobs): void => {
    pool.meter.integrate();
    pool.meter.setObjective(knobs.objectiveMs);
    pool.admission.resize(knobs.inflight, knobs.queue);
  };
  const retire = (): void => {
    pool.connections.endAll();
    tell({ type: 'retiring' });
    leaveWhenDone(pool, () => report(0));
  };
  const take = (acceptedAt: number, socket: unknown): void => {
    tell({ type: 'taken' });
    // Without a handle the client had gone before its connection was handed over.
    if (!(socket instanceof Socket)) return;
    pool.turns.arrivedAt();
    pool.connections.add(socket, acceptedAt, pool.turns.turn);
    server.emit('connection', socket);
  };
  const obey = (message: ToServing, socket: unknown): void => {
    if (message.type === 'connection') take(message.acceptedAt, socket);
    else if (message.type === 'report') report(message.id);
    else if (message.type === 'rebalance') pool.connections.endShare(message.share);
    else if (message.type === 'lastAnswers') pool.connections.endAll();
    else if (message.type === 'retire') retire();
    else {
      configure(message.knobs);
      tell({ type: 'configured', id: message.id });
    }
  };

  checkStore();
  setInterval(checkStore, storeCheckMs).unref();
  setInterval(() => report(0), reportEveryMs).unref();
  probeLoopLag(pool.meter, pool.turns, pool.now);
  process.on('message', (message, socket) => {
    if (isToServing(message)) obey(message, socket);
  });
  // The server never listens itself, and would not look after its time limits without this event.
  server.emit('listening');
  report(0);
  tell({ type: 'serving' });
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
