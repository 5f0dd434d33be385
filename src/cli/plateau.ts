/**
 * `plateau` and `kubectl plateau`: finds the command and runs it. A command's module is loaded only when it is asked for,
 * since the Kubernetes client alone costs a second and 80 MB.
 *
 * @module
 */
import { commands } from './commands.ts';
import type { Run } from './commands.ts';
import { suggest } from './suggest.ts';

const program = process.env['PLATEAU_PROGRAM'] === 'kubectl-plateau' ? 'kubectl plateau' : 'plateau';

const usage = (): string => {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `usage: ${program} COMMAND [FLAGS]\n\n${lines.join('\n')}\n\n${program} COMMAND --help tells a command's flags.\n`;
};

/** An image holds only the commands that it is for. A package that is missing is another matter, and its name tells which. */
const isLeftOut = (error: unknown): boolean => Error.isError(error) && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && 'url' in error;

const main = async (argv: string[]): Promise<number> => {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const near = suggest(name, commands.map((candidate) => candidate.name));
    process.stderr.write(`${program}: no command "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}\n\n${usage()}`);
    return 2;
  }
  let run: Run;
  try {
    run = await command.load();
  } catch (error) {
    if (!isLeftOut(error)) throw error;
    process.stderr.write(`${program}: this image does not hold the command "${name}"; use the image that does, or an installation of the whole package\n`);
    return 2;
  }
  return run(rest);
};

// A closed pipe (`plateau … | head`) is the reader's choice and no error of ours. 1 would be an answer of `plateau replay`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`${program}: standard output cannot be written: ${error.message}\n`);
  process.exit(2);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${program}: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env['PLATEAU_DEBUG'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = 1;
}
