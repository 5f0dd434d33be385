import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { writeGoldenStore } from '../support/golden-store.ts';
import { ask, temporaryFolder, WorkerProcess } from '../support/worker-process.ts';

const exchangeSchema = z.object({
  method: z.string(),
  path: z.string(),
  request: z.unknown(),
  status: z.number(),
  content_type: z.string().nullable(),
  body: z.string(),
});
const recorded = z
  .record(z.string(), exchangeSchema)
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/feast/http.json', import.meta.url), 'utf8')));

/** Writes: this server only reads, and says so. */
const writes = new Set(['push_unknown', 'push_bad_to', 'push_ok', 'write_ok']);

const answerSchema = z.object({
  results: z.array(z.object({ values: z.array(z.unknown()), statuses: z.array(z.string()), event_timestamps: z.array(z.string()) })),
  metadata: z.object({ feature_names: z.array(z.string()) }),
});

/** Feast's order inside a view is that of a Python set: columns are compared by name, join keys first. */
function byName(text: string): unknown {
  const content: unknown = JSON.parse(text);
  const answer = answerSchema.safeParse(content);
  if (!answer.success) return content;
  const { results, metadata } = answer.data;
  return Object.fromEntries(metadata.feature_names.map((name, index) => [name, results[index]]));
}

describe('exchanges recorded from a Feast 0.66 server', () => {
  const folder = temporaryFolder();
  let worker: WorkerProcess;

  beforeAll(async () => {
    worker = await WorkerProcess.start(['--feature-store', writeGoldenStore(folder.path), '--drain-grace', '0', '--idle-drain', '0']);
  }, 30_000);
  afterAll(async () => {
    await worker.end();
    folder.remove();
  }, 30_000);

  const cases = Object.entries(recorded).filter(([name]) => !writes.has(name));

  it.each(cases)('%s', async (name, exchange) => {
    // The recording of `no_content_type` holds the body that was sent only in the answer's `input`.
    const untyped = name === 'no_content_type';
    const echoed = z.object({ detail: z.array(z.object({ input: z.string() })) });
    const body = untyped ? echoed.parse(JSON.parse(exchange.body)).detail[0]?.input : toBody(exchange.request);
    const headers: Record<string, string> = untyped || body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await ask(worker.port, exchange.path, { method: exchange.method, headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(exchange.status);
    if (exchange.body === '') expect(answer.text).toBe('');
    else expect(byName(answer.text)).toEqual(byName(exchange.body));
    expect(answer.headers['content-type'] ?? null).toBe(exchange.content_type);
  });

  it.each(Object.entries(recorded).filter(([name]) => writes.has(name)))('%s is refused: this server does not write', async (_name, exchange) => {
    const answer = await ask(worker.port, exchange.path, { method: 'POST', body: JSON.stringify(exchange.request), headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(501);
    expect(JSON.parse(answer.text)).toEqual({ detail: expect.stringContaining('only reads') });
  });

  it('puts the join keys first, in the order of the request', async () => {
    const { text } = await worker.features(recorded['two_fvs_dup_entities']?.request);
    expect(answerSchema.parse(JSON.parse(text)).metadata.feature_names.slice(0, 2)).toEqual(['driver_id', 'customer_id']);
  });
});

function toBody(request: unknown): string | undefined {
  if (request === null) return undefined;
  return typeof request === 'string' ? request : JSON.stringify(request);
}
