/**
 * Reaches or starts the server, and its store's switch before it.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { poolMetrics } from '../api/protocol.ts';
import { messageOf } from '../local/error-code.ts';
import { Failed } from './check.ts';
import { shorten } from './http.ts';
import type { CommandTarget, ConformanceOptions, RunningTarget, StoreControl } from './options.ts';
import { startServer } from './server/started-server.ts';
import type { StartedServer } from './server/started-server.ts';
import { storeCommands, StoreProxy } from './server/store-switch.ts';
import type { StoreSwitch } from './server/store-switch.ts';
import { Session } from './session.ts';
import type { FirstReady } from './session.ts';
import { Subject } from './subject.ts';
import { until } from './wait.ts';

/** There is no server that could be checked; the message says why and what to do. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** Sizes that no server has by default, so that it shows whether it read the file. The generation is one of a second leader. */
export const firstConfig = { threads: 3, processes: 1, generation: 2 ** 32 + 7, objectiveMs: 42 };

/** @throws CannotStart */
export const openSession = async (options: ConformanceOptions, folder: string): Promise<Session> => {
  const store = await openStore(options.store);
  try {
    return options.target.kind === 'running' ? await reach(options, options.target, { store, folder }) : await start(options, options.target, { store, folder });
  } catch (error) {
    await store?.close();
    throw error;
  }
};

interface Surroundings {
  readonly store: StoreSwitch | undefined;
  readonly folder: string;
}

const openStore = async (control: StoreControl | undefined): Promise<StoreSwitch | undefined> => {
  if (control === undefined) return undefined;
  if (control.kind === 'commands') return storeCommands(control.down, control.up);
  const proxy = new StoreProxy(control.listen, control.target);
  try {
    await proxy.up();
  } catch (error) {
    throw new CannotStart(`the proxy in front of the store cannot listen on ${control.listen.host}:${control.listen.port}: ${messageOf(error)}; choose another port for --store-proxy`);
  }
  return proxy;
};

const reach = async (options: ConformanceOptions, target: RunningTarget, around: Surroundings): Promise<Session> => {
  const subject = new Subject({ ...target, path: options.path, body: options.body });
  try {
    await subject.admin('/healthz', { timeoutMs: 5000 });
  } catch (error) {
    const why = error instanceof Failed ? error.problem.seen : messageOf(error);
    throw new CannotStart(`nothing answers on the admin port: ${why}; is ${target.adminUrl} the admin port's URL?`);
  }
  // With the store's proxy just come up, the server may need a moment to find its store.
  if (around.store !== undefined) await until(options.startTimeoutMs, async () => ((await subject.notReady()) === undefined ? true : undefined));
  const session = new Session({ options, subject, started: undefined, firstReady: undefined, ...around });
  session.initial = await subject.state().catch(() => undefined);
  return session;
};

const start = async (options: ConformanceOptions, target: CommandTarget, around: Surroundings): Promise<Session> => {
  const token = randomBytes(24).toString('base64url');
  const started = await startServer({ argv: target.argv, folder: join(around.folder, 'server'), config: JSON.stringify(firstConfig), token });
  const subject = new Subject({ adminUrl: started.adminUrl, servingUrl: started.servingUrl, token, path: options.path, body: options.body });
  try {
    await waitUntilReady(subject, started, options.startTimeoutMs);
    const firstReady = await readFirstReady(subject).catch(() => undefined);
    const session = new Session({ options, subject, started, firstReady, ...around });
    session.initial = firstReady?.state;
    return session;
  } catch (error) {
    started.kill();
    throw error;
  }
};

const waitUntilReady = async (subject: Subject, started: StartedServer, withinMs: number): Promise<void> => {
  let reason = 'it has not answered yet';
  const outcome = await until(withinMs, async () => {
    if (started.hasEnded()) return 'ended';
    const notReady = await subject.notReady();
    reason = notReady ?? reason;
    return notReady === undefined ? 'ready' : undefined;
  }, 10);
  if (outcome === 'ready') return;
  const said = started.output() === '' ? 'It printed nothing.' : `It printed: ${started.output().split('\n').slice(-8).join('\n')}`;
  if (outcome === 'ended') throw new CannotStart(`the server ended with code ${(await started.ended).code} before it was ready. ${said}`);
  throw new CannotStart(`the server was not ready within ${withinMs / 1000} s (${shorten(reason)}); a slow one needs --start-timeout. ${said}`);
};

/** At once: a server that reads its file after it says that it is ready is caught here. */
const readFirstReady = async (subject: Subject): Promise<FirstReady> => {
  const [state, page] = await Promise.all([subject.state(), subject.scrape()]);
  return { asked: firstConfig, state, threads: page.value(poolMetrics.threads), generation: page.value(poolMetrics.generation) };
};
