import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolModels } from '../../../src/local/fleet/pool-models.ts';

const range = { min: 1, max: 8 };
const state = { threads: 4, processes: 1, generation: 1, objectiveMs: 30, limits: { threads: range, processes: range }, live: { threads: true, processes: false } };

describe('PoolModels', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  const pod = async (key: string, answer: () => string): Promise<{ key: string; origin: string; asked: () => number }> => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.setHeader('connection', 'close').end(answer());
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return { key, origin: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`, asked: () => asked };
  };

  it('asks one pod once, and another one when that is gone', async () => {
    const models = new PoolModels();
    const first = await pod('a', () => JSON.stringify({ ...state, model: 'threads', knob: 'threads', gil: 'on' }));
    const second = await pod('b', () => JSON.stringify({ ...state, model: 'eventloop', knob: 'inflight', gil: 'none' }));
    expect(models.of('f')).toBeUndefined();
    await models.look('f', [first, second]);
    await models.look('f', [second, first]);
    expect(models.of('f')).toEqual({ model: 'threads', gil: 'on' });
    expect([first.asked(), second.asked()]).toEqual([1, 0]);
    await models.look('f', [second]);
    expect(models.of('f')).toEqual({ model: 'eventloop', gil: 'none' });
  });

  it.each([
    ['nonsense', 'nonsense'],
    ['another shape', '{"model": "fibres"}'],
  ])('keeps what it knows when a pod answers %s, and asks again', async (_what, text) => {
    const models = new PoolModels();
    let answer = text;
    const only = await pod('a', () => answer);
    await models.look('f', [only]);
    expect(models.of('f')).toBeUndefined();
    answer = JSON.stringify({ ...state, model: 'processes', knob: 'threads', gil: 'off' });
    await models.look('f', [only]);
    expect(models.of('f')).toEqual({ model: 'processes', gil: 'off' });
  });

  it('does not fail when nobody listens, or there is no pod', async () => {
    const models = new PoolModels();
    await models.look('f', []);
    await models.look('f', [{ key: 'a', origin: 'http://127.0.0.1:1' }]);
    expect(models.of('f')).toBeUndefined();
  });
});
