import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { writeGoldenStore } from './support/golden-store.ts';
import { ask, temporaryFolder, until, WorkerProcess } from './support/worker-process.ts';

const good = { features: ['driver_hourly_stats:conv_rate'], entities: { driver_id: [1001] } };

/** Sends bytes as they are; resolves to everything that came back when the server closes. */
async function raw(port: number, ...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return text;
}

describe('requests that cannot be served', () => {
  const folder = temporaryFolder();
  let worker: WorkerProcess;

  beforeAll(async () => {
    const limits = ['--max-body', '100000', '--headers-timeout', '1s', '--request-timeout', '3s', '--drain-grace', '0', '--idle-drain', '0'];
    worker = await WorkerProcess.start(['--feature-store', writeGoldenStore(folder.path), ...limits]);
  }, 30_000);
  afterAll(async () => {
    expect((await worker.features(good)).status).toBe(200);
    expect(worker.log.filter((line) => line.includes('died'))).toEqual([]);
    await worker.end();
    folder.remove();
  }, 30_000);

  it.each<[string, unknown, number, unknown]>([
    ['a list', [1], 422, [{ type: 'model_attributes_type', loc: ['body'], input: [1] }]],
    ['null', 'null', 422, [{ type: 'model_attributes_type', loc: ['body'], input: null }]],
    ['nothing at all', '', 422, [{ type: 'missing', loc: ['body'] }]],
    ['entities that are a list', { ...good, entities: [1] }, 422, [{ type: 'dict_type', loc: ['body', 'entities'] }]],
    ['a join key that is no list', { ...good, entities: { driver_id: 1 } }, 422, [{ type: 'list_type', loc: ['body', 'entities', 'driver_id'], input: 1 }]],
    ['features that are a string', { ...good, features: 'a:b' }, 422, [{ type: 'list_type', loc: ['body', 'features'] }]],
    ['a feature that is a number', { ...good, features: ['a:b', 7] }, 422, [{ type: 'string_type', loc: ['body', 'features', 1], input: 7 }]],
    ['a service that is a number', { ...good, feature_service: 7 }, 422, [{ type: 'string_type', loc: ['body', 'feature_service'] }]],
    ['a boolean that is none', { ...good, full_feature_names: 'maybe' }, 422, [{ type: 'bool_parsing', loc: ['body', 'full_feature_names'] }]],
    ['several mistakes', { features: 7, full_feature_names: {} }, 422, [{ loc: ['body', 'entities'] }, { loc: ['body', 'features'] }, { type: 'bool_type' }]],
    ['a cut body', '{"features": ["a:b"], ', 422, [{ type: 'json_invalid', loc: ['body', 22] }]],
    ['50,000 brackets', '['.repeat(50_000), 422, [{ type: 'json_invalid' }]],
    ['25,000 nested lists', `${'['.repeat(25_000)}${']'.repeat(25_000)}`, 422, [{ type: 'model_attributes_type' }]],
    ['nested lists with an integer of 20 digits', `${'['.repeat(25_000)}12345678901234567890${']'.repeat(25_000)}`, 422, [{}]],
  ])('%s', async (_name, body, status, detail) => {
    const answer = await worker.features(body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ detail });
  });

  it('takes an int64 beyond 2^53 and gives it back exactly', async () => {
    const { status, text } = await worker.features('{"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": [9007199254740993]}}');
    expect(status).toBe(200);
    expect(text).toContain('"values":[9007199254740993]');
  });

  it.each([
    ['a number of 90,000 digits', `{"features": ["driver_hourly_stats:conv_rate"], "entities": {"driver_id": [${'9'.repeat(90_000)}]}}`, 500, 'cannot convert float infinity'],
    ['a text of 90,000 digits', { ...good, entities: { driver_id: ['9'.repeat(90_000)] } }, 500, 'Exceeds the limit (4300 digits)'],
    ['a feature twice', { ...good, features: ['conv_rate', 'acc_rate', 'name', 'acc_rate', 'conv_rate'].map((name) => `driver_hourly_stats:${name}`) }, 500, 'conv_rate, acc_rate found'],
    ['an answer of more than a million values', { features: Array(30).fill('driver_hourly_stats:conv_rate'), entities: { driver_id: Array(40_000).fill(1) } }, 413, 'would have 1240000 values'],
  ])('refuses %s briefly, before any work', async (_name, body, status, sentence) => {
    const answer = await worker.features(body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(sentence);
    expect(answer.text.length).toBeLessThan(500);
  });

  it('tells the first hundred mistakes of a body that is full of them', async () => {
    const answer = await worker.features({ ...good, features: Array(40_000).fill(1) });
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text).detail).toHaveLength(100);
  });

  it('serves pipelined requests in order, in one connection', async () => {
    const text = JSON.stringify(good);
    const one = `POST /get-online-features HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
    const answers = await raw(worker.port, one + one, 'GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
  });

  it.each<[string, boolean]>([
    ['announced by its length', false],
    ['in chunks, with no length', true],
  ])('a body that is too large, %s', async (_name, chunked) => {
    const length = chunked ? 'transfer-encoding: chunked' : 'content-length: 200000';
    const body = chunked ? `30d40\r\n${'x'.repeat(200_000)}\r\n0\r\n\r\n` : 'x'.repeat(200_000);
    const text = await raw(worker.port, `POST /get-online-features HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${length}\r\n\r\n${body}`);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('larger than 100000 bytes');
  });

  it.each([
    ['is no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['has endless headers', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}`, /^HTTP\/1\.1 431 /],
    ['never ends its headers', 'GET / HTTP/1.1\r\nhost: a\r\n', /^HTTP\/1\.1 408 /],
    ['never ends its body', 'POST /get-online-features HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{', /^HTTP\/1\.1 408 |^$/],
  ])('a client that %s', async (_name, bytes, answer) => {
    expect(await raw(worker.port, bytes)).toMatch(answer);
  }, 20_000);

  it('bounds the memory of bodies that never end, and serves the others', async () => {
    const head = 'POST /get-online-features HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n';
    const slow = await Promise.all(Array.from({ length: 12 }, () => raw(worker.port, head, 'x'.repeat(90_000))));
    expect(slow.filter((text) => text.startsWith('HTTP/1.1 503 '))).toHaveLength(4);
    expect((await worker.metrics()).get('worker_pool_rejected_total{reason="body_memory"}')).toBe(4);
    expect((await worker.features(good)).status).toBe(200);
  }, 20_000);

  it('keeps the connection after an error, so that no request in it is lost', async () => {
    const bad = 'POST /get-online-features HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{';
    const text = await raw(worker.port, bad, 'GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 422 [^]*HTTP\/1\.1 200 /);
  });

  it('forgets a client that went away', async () => {
    const socket = connect(worker.port, '127.0.0.1');
    socket.write('POST /get-online-features HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{');
    await until('the request is in flight', async () => (await worker.metrics()).get('worker_pool_inflight') === 1);
    socket.destroy();
    await until('it is forgotten', async () => (await worker.metrics()).get('worker_pool_inflight') === 0);
    expect((await worker.metrics()).get('worker_pool_requests_total{code="aborted"}')).toBeGreaterThanOrEqual(1);
  }, 20_000);

  it.each([
    ['GET', '/push', 405],
    ['DELETE', '/health', 405],
    ['POST', '/materialize', 501],
    ['POST', '/search', 404],
    ['GET', '/metrics', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await ask(worker.port, path, { method });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toHaveProperty('detail');
  });
});
