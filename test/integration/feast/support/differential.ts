/** Asks two servers the same and tells where their answers mean different things. @module */
import { isDeepStrictEqual, inspect } from 'node:util';
import type { Agent } from 'node:http';
import { ask } from '../../../worker/support/worker-process.ts';
import { meaningOf } from './meaning.ts';
import type { Answer } from './meaning.ts';
import type { RawExchange } from './raw-exchanges.ts';

/** One request whose answers differ. */
export interface Difference {
  readonly request: RawExchange;
  /** Of the request. */
  readonly body: string;
  readonly feast: Answer;
  readonly ours: Answer;
}

export interface Servers {
  readonly feastPort: number;
  readonly ourPort: number;
  /** For our server: connections are kept, so that an answer which spoils the next one is seen. */
  readonly agent: Agent;
}

/** The request that clients send with this body. */
export const posted = (body: string): RawExchange => ({ method: 'POST', path: '/get-online-features', headers: { 'content-type': 'application/json' }, body });

/** Both answers to one request. Feast closes the connection after each error, so it gets a new one each time. */
export const askBoth = async (servers: Servers, { path, ...rest }: RawExchange): Promise<Difference> => {
  const [feast, ours] = await Promise.all([ask(servers.feastPort, path, rest), ask(servers.ourPort, path, { ...rest, agent: servers.agent })]);
  return { body: rest.body ?? '', request: { path, ...rest }, feast, ours };
};

/** Whether both answers mean the same. */
export const agree = ({ feast, ours }: Difference): boolean =>
  isDeepStrictEqual(meaningOf(ours), meaningOf(feast)) && ours.headers['content-type'] === feast.headers['content-type'];

/** The same answers without their event times. */
export const withoutTimes = ({ feast, ours, ...rest }: Difference): Difference => ({ ...rest, feast: timeless(feast), ours: timeless(ours) });

const timeless = (answer: Answer): Answer => ({ ...answer, text: answer.text.replaceAll(/,"event_timestamps":\[[^\]]*\]/g, '') });

/** All differences, the shortest request first. */
export const differences = async (servers: Servers, requests: readonly RawExchange[], allowed: (difference: Difference) => boolean): Promise<Difference[]> => {
  const found: Difference[] = [];
  for (const request of requests) {
    const both = await askBoth(servers, request);
    if (!agree(both) && !allowed(both)) found.push(both);
  }
  return found.toSorted((a, b) => a.body.length - b.body.length);
};

const shownDifferences = 8;

/** A report for whoever has to mend it. */
export const describeDifferences = (found: readonly Difference[], asked: number): string => {
  const shown = found.slice(0, shownDifferences).map(({ request: { method, path, headers }, body, feast, ours }) => `${method} ${path} ${headers?.['content-type'] ?? ''} ${body}\n  Feast: ${shorten(feast)}\n  ours:  ${shorten(ours)}`);
  return `${found.length} of ${asked} answers differ from Feast's; the ${shown.length} shortest requests:\n${shown.join('\n')}`;
};

const shorten = (answer: Answer): string => inspect(`${answer.status} ${answer.text}`, { maxStringLength: 1500 });
