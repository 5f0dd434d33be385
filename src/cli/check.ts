/**
 * `plateau check feature_store.yaml`: what the built-in server would say at its start, beforehand.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { checkFeatureStore, Unservable } from '../worker/check.ts';
import { summarize } from './check-summary.ts';

const usage = `usage: plateau check FEATURE_STORE_YAML

Reads a feature_store.yaml and its registry as the built-in server does. Prints what is served and ends with 0, or prints
everything that cannot be served, each with its remedy, and ends with 1. It does not connect to the online store.
`;

/**
 * Runs the command.
 *
 * @returns the exit code: 0 when all can be served, 1 when not, 2 for a wrong command line
 */
export const runCheck = async (argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> => {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  const file = readFile(argv);
  if (file instanceof Error) {
    process.stderr.write(`plateau check: ${file.message}\n\n${usage}`);
    return 2;
  }
  try {
    const checked = await checkFeatureStore(file, env);
    process.stdout.write(summarize(file, checked, new Date()));
    return 0;
  } catch (error) {
    if (!(error instanceof Unservable)) throw error;
    const { problems } = error;
    process.stderr.write(`${problems.map((problem) => `✗ ${problem}\n`).join('')}${problems.length === 1 ? 'One problem keeps' : `${problems.length} problems keep`} ${file} from being served.\n`);
    return 1;
  }
};

const readFile = (argv: readonly string[]): string | Error => {
  try {
    const { positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: {} });
    const [file, ...more] = positionals;
    return file === undefined || more.length > 0 ? new Error('exactly one file must be named') : file;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};
