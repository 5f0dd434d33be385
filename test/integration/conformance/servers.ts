/**
 * The servers that conformance is run on: all of test/support/servers/variants.ts, over Redis behind a proxy that takes it away.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformanceReportSchema } from '../../../src/conformance/report/json.ts';
import type { ConformanceReport } from '../../../src/conformance/report/json.ts';
import { MissingTool } from '../../../src/local/toolchain/missing-tool.ts';
import { freePort } from '../../../src/local/toolchain/redis-server.ts';
import { plateau, storeBehind } from '../../support/servers/synthetic-store.ts';
import type { SyntheticStore } from '../../support/servers/synthetic-store.ts';
import type { ServerVariant } from '../../support/servers/server-variant.ts';

/** What may be left out, and the reason that is taken. */
interface Left {
  readonly check: string;
  readonly because: RegExp;
}

/** By the name of the server; everything else has to pass. */
const mayLeave: Readonly<Record<string, readonly Left[]>> = {
  go: [{ check: 'killed-process', because: /single process/u }],
};

/** A measurement of p95 is none while the test command's other programs use the cores; a lie is still told from that. */
const noise: readonly Left[] = [
  { check: 'visible-p95', because: /other programs used|the load generator (?:used|did not get to run)|leave --quick out/u },
  { check: 'pool-limit', because: /before it could be scraped twice/u },
  { check: 'shedding', because: /all found a place/u },
];

/** Whether a check that was not made may be left out for this reason. */
export const isAllowedToLeave = ({ name }: Pick<ServerVariant, 'name'>, check: { readonly name: string; readonly detail?: string | undefined }): boolean =>
  [...noise, ...(mayLeave[name] ?? [])].some((left) => left.check === check.name && left.because.test(check.detail ?? ''));

/** What this machine lacks for the server; undefined when it lacks nothing. Builds and installs what can be. */
export const missingToolOf = async (variant: ServerVariant): Promise<string | undefined> => {
  const nowhere: SyntheticStore = { project: 'plateau', redis: { host: '127.0.0.1', port: 1 }, featureStore: '/nowhere/feature_store.yaml' };
  try {
    await variant.prepare(nowhere, (line) => process.stderr.write(`${line}\n`));
    return undefined;
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    return error.message;
  }
};

export interface ConformanceRun {
  readonly code: number | null;
  readonly output: string;
  readonly report: ConformanceReport | undefined;
}

/** Runs the command of a user on one server. @throws MissingTool when this machine lacks what the server needs */
export const runOn = async (variant: ServerVariant, store: SyntheticStore, folder: string, flags: readonly string[]): Promise<ConformanceRun> => {
  const listen = await freePort();
  const behind = storeBehind(store, listen, join(folder, variant.name));
  const { argv, env } = await variant.prepare(behind, (line) => process.stderr.write(`${line}\n`));
  const json = join(folder, `${variant.name}.json`);
  const proxy = ['--store-proxy', `127.0.0.1:${listen}=${store.redis.host}:${store.redis.port}`];
  const server = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...argv, ...variant.shortConnectionAge];
  const { code, output } = await run([...plateau, 'conformance', '--json', json, '--connection-age', '2s', ...proxy, ...flags, '--', ...server]);
  return { code, output, report: readReport(json) };
};

const run = ([program = '', ...args]: readonly string[]): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });

const readReport = (file: string): ConformanceReport | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  return conformanceReportSchema.parse(JSON.parse(text));
};
