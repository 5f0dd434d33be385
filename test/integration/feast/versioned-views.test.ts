/** Views of the past (`view@v1:feature`), where a registry keeps them: as Feast's own SDK reads them from the same store. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as z from 'zod';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import { WorkerProcess } from '../../worker/support/worker-process.ts';
import { describeWithTools } from '../support/describe-toolchain.ts';
import { feastEnvironment, makeRepository, script, temporaryFolder, timeZone } from './support/repository.ts';

const requestSchema = z.looseObject({ full_feature_names: z.boolean() });
const expectedSchema = z.array(
  z.union([
    z.object({ request: requestSchema, columns: z.record(z.string(), z.array(z.unknown())) }),
    z.object({ request: requestSchema, status: z.number(), class: z.string().optional() }),
  ]),
);
const answerSchema = z.object({ results: z.array(z.object({ values: z.array(z.unknown()) })), metadata: z.object({ feature_names: z.array(z.string()) }) });
const errorSchema = z.object({ class: z.string() });

const columnsOf = (text: string): Record<string, unknown[]> => {
  const { results, metadata } = answerSchema.parse(JSON.parse(text));
  return Object.fromEntries(metadata.feature_names.map((name, index) => [name, results[index]?.values ?? []]));
};

/** The class that the SDK would raise again; none in a plain 500. */
const errorClass = (text: string): string | undefined => {
  const body = z.string().parse(JSON.parse(text));
  return body.startsWith('{') ? errorSchema.parse(JSON.parse(body)).class : undefined;
};

await describeWithTools({ python: ['feast'] }, 'versioned feature views', (tools) => {
  const folder = temporaryFolder();
  let expected: z.infer<typeof expectedSchema>;
  let worker: WorkerProcess;

  beforeAll(async () => {
    const registry = { path: 'registry.db', enable_online_feature_view_versioning: true };
    const repository = makeRepository(folder.path, 'versioned', { type: 'sqlite', path: 'online.db' }, registry);
    const printed = await runTool(tools().python('feast').python, [script('history.py'), repository], { env: feastEnvironment() });
    expected = expectedSchema.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
    worker = await WorkerProcess.start(['--feature-store', `${repository}/feature_store.yaml`, '--drain-grace', '0', '--idle-drain', '0'], { TZ: timeZone });
  }, 180_000);

  afterAll(async () => {
    await worker?.end();
    folder.remove();
  }, 60_000);

  it('are answered as Feast reads them', async () => {
    for (const one of expected) {
      const { status, text } = await worker.features(one.request);
      const found = status === 200 ? { columns: columnsOf(text) } : { status, class: errorClass(text) };
      const wanted = 'columns' in one ? { columns: one.columns } : { status: one.status, class: one.class };
      expect({ request: one.request, ...found }).toEqual({ request: one.request, ...wanted });
    }
    expect(expected.filter((one) => 'columns' in one).length).toBeGreaterThan(10);
  }, 60_000);
});
