import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent } from 'undici';
import { podAgent } from '../../../src/controllers/scrape/bounded-request.ts';
import type { PoolFailureKind } from '../../../src/controllers/scrape/pool-client.ts';
import { PoolClient, PoolFailure } from '../../../src/controllers/scrape/pool-client.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import type { TestPod } from './support/pods.ts';
import { startPod } from './support/pods.ts';

const state = {
  threads: 6, processes: 1, generation: 5, limits: { threads: { min: 1, max: 64 }, processes: { min: 1, max: 1 } },
  live: { threads: true, processes: false }, objectiveMs: 30, model: 'eventloop', knob: 'inflight', gil: 'none',
};
let agent: Agent;
let client: PoolClient;
let pod: TestPod | null = null;

const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestPod> => (pod = await startPod('pod-0', answer));

const clientWith = (deadlineMs: number): PoolClient => new PoolClient({ clock: systemClock(), dispatcher: agent, deadlineMs });

beforeEach(() => {
  agent = podAgent();
  client = clientWith(30_000);
});

afterEach(async () => {
  await agent.destroy();
  await pod?.stop();
  pod = null;
});

const failureOf = async (answer: Promise<unknown>): Promise<PoolFailure> => {
  const error: unknown = await answer.then(() => null, (reason: unknown) => reason);
  if (!(error instanceof PoolFailure)) throw new Error('it did not fail as a PoolFailure');
  return error;
};

describe('the pool of a running pod', () => {
  it('is changed with a token and answers what is in force', async () => {
    const { target, requests } = await serve((_request, response) => void response.end(JSON.stringify(state)));
    expect(await client.put(target, { generation: 5, threads: 6 }, 'secret')).toEqual(state);
    expect(requests).toMatchObject([{ method: 'PUT', url: '/pool', headers: { authorization: 'Bearer secret' }, body: '{"generation":5,"threads":6}' }]);
  });

  it('is read without a token', async () => {
    const { target, requests } = await serve((_request, response) => void response.end(JSON.stringify(state)));
    expect(await client.get(target)).toEqual(state);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    [401, 'Unauthorized'], [409, 'StaleGeneration'], [422, 'OutOfRange'], [500, 'Refused'], [302, 'Refused'],
  ] as const)('answers %i: %s', async (status, kind) => {
    const { target } = await serve((_request, response) => void response.writeHead(status).end('threads must be\n at most 64'));
    const failure = await failureOf(client.put(target, { generation: 5, threads: 600 }, 'secret'));
    expect(failure).toMatchObject({ kind, status });
    expect(failure.message).toBe(`PUT /pool of shop/pod-0 was answered ${status}: threads must be  at most 64`);
  });

  const bad: [string, PoolFailureKind, (response: ServerResponse) => void][] = [
    ['no JSON', 'Malformed', (response: ServerResponse) => void response.end('<html>')],
    ['another shape', 'Malformed', (response: ServerResponse) => void response.end('{"threads":"six"}')],
    ['too much', 'TooLarge', (response: ServerResponse) => void response.end(Buffer.alloc(100_000, 32))],
    ['nothing', 'Timeout', () => {}],
    ['a reset', 'Unreachable', (response: ServerResponse) => void response.socket?.destroy()],
  ];

  it.each(bad)('answers with %s: %s', async (_name, kind, answer) => {
    const { target } = await serve((_request, response) => answer(response));
    const failure = await failureOf((kind === 'Timeout' ? clientWith(400) : client).put(target, { generation: 5 }, 'secret'));
    expect(failure.kind).toBe(kind);
    expect(failure.message).not.toContain('secret');
  });

  it('is called off by a signal', async () => {
    const asked = Promise.withResolvers<void>();
    const { target } = await serve(() => asked.resolve());
    const controller = new AbortController();
    const failure = failureOf(client.get(target, controller.signal));
    await asked.promise;
    controller.abort();
    expect((await failure).kind).toBe('Aborted');
  });
});
