/**
 * `npm run bench servers`: every server under one load, side by side in one run.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MissingTool } from '../../../src/local/toolchain/missing-tool.ts';
import type { ServerVariant } from '../../support/servers/server-variant.ts';
import { startSyntheticStore } from '../../support/servers/synthetic-store.ts';
import type { SyntheticStore } from '../../support/servers/synthetic-store.ts';
import { serverVariants } from '../../support/servers/variants.ts';
import type { BenchContext } from './context.ts';
import { writeDocument } from './document.ts';
import { describeMachine, describeVersions } from './machine.ts';
import { measureCosts } from './parts/cost.ts';
import { measureFarStore } from './parts/far-store.ts';
import { measureMemory } from './parts/memory.ts';
import { measurePlateaus } from './parts/plateau.ts';
import { measureResizes } from './parts/resize.ts';
import type { ServersResult } from './result.ts';

const usage = `usage: npm run bench servers [-- FLAGS]

  --parts LIST     of cost,far,plateau,resize,memory (default: all)
  --servers LIST   of ${serverVariants.map(({ name }) => name).join(',')} (default: all)
  --seconds N      of each measured attack (default 8)
  --out FILE       where the JSON goes (default .plateau/bench/servers.json)
  --document DIR   also writes servers.md and servers-plateau.svg there (docs, for the project's own)
  --from FILE      measures nothing: writes the document of an earlier JSON
`;

const parts = {
  cost: async (context: BenchContext): Promise<Partial<ServersResult>> => ({ costs: await measureCosts(context) }),
  far: async (context: BenchContext): Promise<Partial<ServersResult>> => ({ farStore: await measureFarStore(context) }),
  plateau: async (context: BenchContext): Promise<Partial<ServersResult>> => ({ plateaus: await measurePlateaus(context) }),
  resize: async (context: BenchContext): Promise<Partial<ServersResult>> => ({ resizes: await measureResizes(context) }),
  memory: async (context: BenchContext): Promise<Partial<ServersResult>> => ({ memory: await measureMemory(context) }),
};
type Part = keyof typeof parts;

const options = {
  parts: { type: 'string', default: Object.keys(parts).join(',') },
  servers: { type: 'string', default: serverVariants.map(({ name }) => name).join(',') },
  seconds: { type: 'string', default: '8' },
  out: { type: 'string', default: join('.plateau', 'bench', 'servers.json') },
  document: { type: 'string' },
  from: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const isPart = (word: string): word is Part => Object.hasOwn(parts, word);

/** Runs the benchmark. @returns the exit code */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({ args: argv, options });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const wanted = values.parts.split(',');
  const wrong = wanted.find((word) => !isPart(word));
  if (wrong !== undefined) {
    process.stderr.write(`no part "${wrong}"\n\n${usage}`);
    return 2;
  }
  const wish = { parts: wanted.filter(isPart), names: values.servers.split(','), seconds: Number(values.seconds), out: values.out };
  const result = values.from === undefined ? await measure(wish) : (JSON.parse(readFileSync(values.from, 'utf8')) as ServersResult);
  if (values.document !== undefined) writeDocument(values.document, result);
  return result.failures.length > 0 ? 1 : 0;
};

const progress = (line: string): void => void process.stdout.write(`${line}\n`);

interface Wish {
  readonly parts: readonly Part[];
  readonly names: readonly string[];
  readonly seconds: number;
  readonly out: string;
}

const measure = async ({ parts: wanted, names, seconds, out }: Wish): Promise<ServersResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-bench-servers-'));
  const { Vegeta } = await import('./vegeta.ts');
  const vegeta = await Vegeta.open(folder, progress);
  const { store, server } = await startSyntheticStore(join(folder, 'store'));
  try {
    const variants = await available(names, store);
    const context: BenchContext = { variants, store, vegeta, folder, seconds, progress, failures: [] };
    let result: ServersResult = { bench: 'servers', at: new Date().toISOString(), machine: describeMachine(), versions: await describeVersions(), secondsEach: seconds, failures: context.failures };
    for (const part of wanted) {
      result = { ...result, ...(await parts[part](context)) };
      save(out, result); // after each part: the whole takes a quarter of an hour
    }
    return result;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

const save = (out: string, result: ServersResult): void => {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  process.stdout.write(`written to ${out}\n`);
};

/** A server whose tools are missing is left out, and said. */
const available = async (names: readonly string[], store: SyntheticStore): Promise<ServerVariant[]> => {
  const variants: ServerVariant[] = [];
  for (const variant of serverVariants.filter(({ name }) => names.includes(name))) {
    try {
      await variant.prepare(store, progress);
      variants.push(variant);
    } catch (error) {
      if (!(error instanceof MissingTool)) throw error;
      progress(`!!! LEFT OUT: ${variant.name}: ${error.message}`);
    }
  }
  return variants;
};
