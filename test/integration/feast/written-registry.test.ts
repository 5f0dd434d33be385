/**
 * Feast's own SDK reads the registry and the store that `plateau load-features` writes, and finds there what the built-in server serves.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import * as z from 'zod';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import { runLoadFeatures } from '../../../src/worker/loader-command.ts';
import { temporaryFolder, WorkerProcess } from '../../worker/support/worker-process.ts';
import { describeWithTools } from '../support/describe-toolchain.ts';

const read = `
import json, sys
from feast import FeatureStore
store = FeatureStore(repo_path=sys.argv[1])
service = store.get_feature_service("all_features")
rows = [{"entity": entity} for entity in json.loads(sys.argv[2])]
print("\\n" + json.dumps(store.get_online_features(features=service, entity_rows=rows).to_dict()))
`;
const columns = z.record(z.string(), z.array(z.number().nullable()));
const answerSchema = z.object({ results: z.array(z.object({ values: z.array(z.number().nullable()) })), metadata: z.object({ feature_names: z.array(z.string()) }) });

await describeWithTools({ python: ['feast'] }, 'what load-features writes', (tools) => {
  const folder = temporaryFolder();
  const entities = [0, 1, 7, 99, 4711];
  let worker: WorkerProcess;

  beforeAll(async () => {
    expect(await runLoadFeatures(['--path', join(folder.path, 'online.db'), '--entities', '100'])).toBe(0);
    worker = await WorkerProcess.start(['--feature-store', join(folder.path, 'feature_store.yaml'), '--drain-grace', '0', '--idle-drain', '0']);
  }, 60_000);
  afterAll(async () => {
    await worker?.end();
    folder.remove();
  }, 30_000);

  it("is read by Feast's SDK as the built-in server serves it", async () => {
    const printed = await runTool(tools().python('feast').python, ['-c', read, folder.path, JSON.stringify(entities)]);
    const feasts = columns.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
    const answer = await worker.features({ feature_service: 'all_features', entities: { entity: entities } });
    const { results, metadata } = answerSchema.parse(JSON.parse(answer.text));
    const ours = Object.fromEntries(metadata.feature_names.map((name, index) => [name, results[index]?.values]));
    expect(Object.keys(feasts)).toHaveLength(51);
    expect(ours).toEqual(feasts);
    expect(feasts['feature_0']?.slice(-2)).toEqual([expect.any(Number), null]);
  }, 120_000);
});
