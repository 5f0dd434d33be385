/**
 * `plateau worker`: the built-in feature server.
 *
 * @module
 */
import { checkFeatureStore, Unservable } from './check.ts';
import { logLine } from './log.ts';
import { readStartConfig } from './primary/pool-config.ts';
import { runPrimary } from './primary/primary.ts';
import { readSettings, usage, UsageError } from './settings.ts';

/**
 * Runs the worker until SIGTERM or SIGINT.
 * @param argv the words behind `worker`
 * @returns the exit code: 0 after a clean end, 1 when it cannot run, 2 for a wrong command line
 */
export async function runWorker(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage());
    return 0;
  }
  // Until the primary listens for it: the first process of a container is not ended by a signal that it has no handler for.
  const leave = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) === 1) process.exit(0);
  };
  process.on('SIGTERM', leave).on('SIGINT', leave);
  try {
    const settings = readSettings(argv, env);
    const { store, registry } = await checkFeatureStore(settings.featureStore, env);
    for (const note of store.notes) logLine('warn', `${settings.featureStore}: ${note}`);
    return await runPrimary({ settings, config: readStartConfig(settings), store, registry, log: logLine });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`plateau worker: ${message}\n`);
    if (error instanceof UsageError) process.stderr.write('plateau worker --help tells the flags.\n');
    return error instanceof UsageError || error instanceof Unservable ? 2 : 1;
  } finally {
    process.off('SIGTERM', leave).off('SIGINT', leave);
  }
}
