/**
 * Every server of ours under `plateau conformance`, started as a user starts it.
 *
 * @module
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from '../../../src/conformance/checks.ts';
import type { RedisServer } from '../../../src/local/toolchain/redis-server.ts';
import { startSyntheticStore } from '../../support/servers/synthetic-store.ts';
import type { SyntheticStore } from '../../support/servers/synthetic-store.ts';
import { serverVariants } from '../../support/servers/variants.ts';
import { describeWithTools } from '../support/describe-toolchain.ts';
import { isAllowedToLeave, missingToolOf, runOn } from './servers.ts';

/** The p95 beside the generator's takes a quiet machine and half a minute each: all servers with PLATEAU_CONFORMANCE=full. */
const isFull = process.env['PLATEAU_CONFORMANCE'] === 'full';
const alwaysFull = new Set(['builtin']);

// Tests are collected before hooks run.
const variants = await Promise.all(serverVariants.map(async (variant) => ({ variant, missing: await missingToolOf(variant) })));

await describeWithTools({ redis: true }, 'every server of ours keeps the worker-pool protocol', () => {
  let folder = '';
  let store: SyntheticStore;
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-servers-'));
    ({ store, server: redis } = await startSyntheticStore(folder));
  }, 120_000);
  afterAll(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  for (const { variant, missing } of variants) {
    if (missing !== undefined) console.error(`\n!!! LEFT OUT: conformance of "${variant.name}": ${missing}\n`);
    (missing === undefined ? it : it.skip)(
      variant.name === 'free-threaded' ? 'free-threaded Python' : variant.name,
      async () => {
        const quick = isFull || alwaysFull.has(variant.name) ? [] : ['--quick'];
        const { code, output, report } = await runOn(variant, store, folder, quick);
        const left = (report?.checks ?? []).filter(({ result }) => result === 'notChecked').filter((check) => !isAllowedToLeave(variant, check));
        expect({ code, failed: report?.failed, left: left.map(({ name, detail }) => `${name}: ${detail}`), output: code === 0 ? '' : output }).toEqual({ code: 0, failed: 0, left: [], output: '' });
        expect(report?.checks.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
      },
      600_000,
    );
  }
});
