/**
 * `plateau operator`: the controllers as a process. Ends with 0 after SIGTERM or SIGINT, 1 when it cannot work, 2 for wrong flags.
 *
 * @module
 */
import { runOperator } from '../main.ts';
import { UsageError, operatorOptions, usage } from './operator-flags.ts';

/** Runs until a signal ends it; resolves to the exit code. */
export const runOperatorCommand = async (argv: string[]): Promise<number> => {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error('stopping'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, onSignal);
  try {
    const options = operatorOptions(argv, { env: process.env, terminal: process.stderr.isTTY });
    if (options === undefined) process.stdout.write(usage);
    else await runOperator({ ...options, onListening: ({ host, port }) => process.stderr.write(`plateau operator: listening on http://${host}:${port}\n`) }, stop.signal);
    return 0;
  } catch (error) {
    process.stderr.write(`plateau operator: ${Error.isError(error) ? error.message : String(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, onSignal);
  }
};
