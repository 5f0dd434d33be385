/**
 * `plateau explain NAME`: reads a FeatureServer and says why its fleet is as it is.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { CannotExplain } from './explain-errors.ts';
import type { Wanted as Sought } from './explain-fetch.ts';
import { explain } from './explanation.ts';
import { explanationLines } from './explain-text.ts';
import { flagLines, parseOptions, refuseUnknownFlags, UsageError } from './flag-table.ts';
import type { Flag } from './flag-table.ts';

const flags = {
  namespace: { type: 'string', value: 'NAME', help: "-n; default: that of the kubeconfig's context" },
  kubeconfig: { type: 'string', value: 'FILE', help: 'default: as kubectl finds its own' },
  context: { type: 'string', value: 'NAME', help: 'a context other than the current one' },
  json: { type: 'boolean', help: 'the same as one JSON object' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, Flag>;

const usage = `usage: plateau explain NAME [-n NAMESPACE] [FLAGS]      or: kubectl plateau explain NAME …

Says what limits the fleet of a FeatureServer, on what evidence, what was done, what was refused and why, and what to do.

${flagLines(flags)}
`;

interface Wanted extends Sought {
  json: boolean;
}

/** As kubectl has it, an empty one is none. */
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** `fsrv/ranking` is `ranking`, as `kubectl get -o name` prints it. */
const bareName = (name: string | undefined): string => name?.replace(/^(fsrv|featureservers?)(\.plateau\.dev)?\//u, '') ?? '';

/** Dots alone, or a slash, would be steps in the path of a request. */
const isName = (name: string): boolean => /^[^/]+$/u.test(name) && !/^\.*$/u.test(name);

/** Reads the command line. @throws UsageError */
export const readArguments = (argv: readonly string[]): Wanted | 'help' => {
  refuseUnknownFlags(argv, flags, 'plateau explain');
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: { ...parseOptions(flags), namespace: { type: 'string', short: 'n' } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${Error.isError(error) ? error.message : String(error)}\nplateau explain --help lists the flags`, { cause: error });
  }
  const values: Record<string, unknown> = parsed.values;
  if (values['help'] === true) return 'help';
  const name = bareName(parsed.positionals[0]);
  if (!isName(name) || parsed.positionals.length > 1) throw new UsageError('name one FeatureServer: plateau explain NAME [-n NAMESPACE]');
  const namespace = textOf(values['namespace']);
  if (namespace !== undefined && !isName(namespace)) throw new UsageError(`-n ${namespace}: that is no name of a namespace; kubectl get fsrv -A shows where FeatureServers are`);
  return {
    name,
    namespace,
    kubeconfig: textOf(values['kubeconfig']),
    context: textOf(values['context']),
    json: values['json'] === true,
  };
};

/** The text of an explanation. @throws CannotExplain */
export const explained = async (wanted: Wanted): Promise<string> => {
  // The Kubernetes client takes a second to load: a wrong command line is told before.
  const { fetchFeatureServer } = await import('./explain-fetch.ts');
  const featureServer = await fetchFeatureServer(wanted);
  const now = Date.now();
  const explanation = explain(featureServer, now);
  return wanted.json ? `${JSON.stringify(explanation, undefined, 2)}\n` : `${explanationLines(explanation, now).join('\n')}\n`;
};

/**
 * Runs the command.
 *
 * @returns the exit code: 0, 1 when there is nothing to explain or it cannot be read, 2 for a wrong command line
 */
export const runExplain = async (argv: readonly string[]): Promise<number> => {
  try {
    const wanted = readArguments(argv);
    if (wanted === 'help') process.stdout.write(usage);
    else process.stdout.write(await explained(wanted));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CannotExplain)) throw error;
    process.stderr.write(`plateau explain: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
};
