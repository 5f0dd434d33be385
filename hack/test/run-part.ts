/** What each part of the test command does. @module */
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { findAssets } from '../kubernetes/assets.ts';
import { Interrupted, dependency, root, runCommand } from './command.ts';
import { runGo } from './go-part.ts';
import { runJest } from './jest-part.ts';
import { runPython } from './python-part.ts';
import type { Part, Selection } from './selection.ts';
import type { Counts, PartResult } from './summary.ts';

type Outcome = Counts & Pick<PartResult, 'note' | 'warning'>;

const minute = 60_000;

/** Several times what each takes on two slow cores: who gets here hangs. Building Kubernetes comes before and has a limit of its own. */
const deadlineMs: Record<Part, number> = { lint: 10 * minute, types: 10 * minute, generate: 5 * minute, unit: 15 * minute, go: 10 * minute, python: 15 * minute, integration: 40 * minute };

const check = async (part: Part, program: string, args: readonly string[]): Promise<Outcome> => {
  const ok = (await runCommand(program, args, { deadlineMs: deadlineMs[part] })) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
};

const runIntegration = (paths: readonly string[], env: NodeJS.ProcessEnv): Promise<Counts> =>
  runJest({ project: 'integration', paths, env, deadlineMs: deadlineMs.integration });

/** The whole part on the real API server, or without it what needs none: said before the run and once more in the table. */
const integration = async (paths: readonly string[]): Promise<Outcome> => {
  const assets = await findAssets();
  if (assets.found) return runIntegration(paths, { KUBEBUILDER_ASSETS: assets.folder });
  const warning = `!!! LEFT OUT: every test on a real Kubernetes API server. ${assets.reason}`;
  console.error(`\n${warning}\n`);
  const counts = await runIntegration(paths, { PLATEAU_WITHOUT_KUBERNETES: '1' });
  return { ...counts, note: 'without a Kubernetes API server', warning };
};

const work: Record<Part, (paths: readonly string[]) => Promise<Outcome>> = {
  lint: () => check('lint', dependency('oxlint'), ['--type-aware']),
  types: () => check('types', dependency('tsc'), []),
  generate: () => check('generate', process.execPath, [join(root, 'hack', 'generate', 'main.ts'), '--check']),
  unit: (paths) => runJest({ project: 'unit', paths, deadlineMs: deadlineMs.unit }),
  go: () => runGo(deadlineMs.go),
  python: (paths) => runPython(paths, deadlineMs.python),
  integration,
};

/** What a part could not even begin for (a full disk, say) is a failure of that part, and the others still run. */
const attempt = async (name: Part, paths: readonly string[]): Promise<Outcome> => {
  try {
    return await work[name](paths);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return { passed: 0, failed: 1, skipped: 0, note: messageOf(error) };
  }
};

/** Runs one part, its output on this terminal, and measures how long it took. @throws Interrupted */
export const runPart = async (name: Part, { paths }: Selection): Promise<PartResult> => {
  console.log(`\n=== ${name}`);
  const started = performance.now();
  const outcome = await attempt(name, paths);
  return { name, seconds: (performance.now() - started) / 1000, ...outcome };
};
