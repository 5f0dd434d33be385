/** What each part of the test command does. @module */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findAssets } from '../kubernetes/assets.ts';
import { dependency, root, runCommand } from './command.ts';
import { runJest } from './jest-part.ts';
import type { Part, Selection } from './selection.ts';
import type { Counts, PartResult } from './summary.ts';

type Outcome = Counts & Pick<PartResult, 'note' | 'warning'>;

const check = async (program: string, args: readonly string[]): Promise<Outcome> => {
  const ok = (await runCommand(program, args)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
};

const generator = join(root, 'hack', 'generate', 'main.ts');

const generate = async (): Promise<Outcome> =>
  existsSync(generator) ? check(process.execPath, [generator, '--check']) : { passed: 0, failed: 1, skipped: 0, note: 'hack/generate/main.ts is not there' };

/** The whole part on the real API server, or without it what needs none: said before the run and once more in the table. */
const integration = async (paths: readonly string[]): Promise<Outcome> => {
  const assets = await findAssets();
  if (assets.found) return runJest({ project: 'integration', paths, env: { KUBEBUILDER_ASSETS: assets.folder } });
  const warning = `!!! LEFT OUT: every test on a real Kubernetes API server. ${assets.reason}`;
  console.error(`\n${warning}\n`);
  const counts = await runJest({ project: 'integration', paths, env: { PLATEAU_WITHOUT_KUBERNETES: '1' } });
  return { ...counts, note: 'without a Kubernetes API server', warning };
};

const work: Record<Part, (paths: readonly string[]) => Promise<Outcome>> = {
  lint: () => check(dependency('oxlint'), ['--type-aware']),
  types: () => check(dependency('tsc'), []),
  generate,
  unit: (paths) => runJest({ project: 'unit', paths }),
  integration,
};

/** Runs one part, its output on this terminal, and measures how long it took. */
export const runPart = async (name: Part, { paths }: Selection): Promise<PartResult> => {
  console.log(`\n=== ${name}`);
  const started = performance.now();
  const outcome = await work[name](paths);
  return { name, seconds: (performance.now() - started) / 1000, ...outcome };
};
