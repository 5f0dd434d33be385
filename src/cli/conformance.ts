/**
 * `plateau conformance`: checks a server against the worker-pool protocol.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { checks } from '../conformance/checks.ts';
import { reportOf } from '../conformance/report/json.ts';
import { renderResult, renderSum } from '../conformance/report/text.ts';
import { CannotStart, runConformance } from '../conformance/run.ts';
import { messageOf } from '../local/error-code.ts';
import { conformanceUsage, readConformanceArguments } from './conformance-arguments.ts';
import { UsageError } from './flag-table.ts';
import type { ConformanceArguments } from './conformance-arguments.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Runs the command.
 *
 * @returns the exit code: 0 when nothing failed, 1 when a check failed, 2 for a wrong command line or when there is no server
 */
export const runConformanceCommand = async (argv: readonly string[]): Promise<number> => {
  let wanted: ConformanceArguments;
  try {
    wanted = readConformanceArguments(argv, checks.map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`plateau conformance: ${error.message}\n`);
    return 2;
  }
  switch (wanted.kind) {
    case 'help':
      say(conformanceUsage().trimEnd());
      return 0;
    case 'list':
      for (const { name, title, section } of checks) say(`${name.padEnd(24)}  ${title} ("${section}")`);
      return 0;
    case 'run':
      return run(wanted);
  }
};

const run = async ({ options, json }: Extract<ConformanceArguments, { kind: 'run' }>): Promise<number> => {
  try {
    const results = await runConformance(options, (result) => say(renderResult(result)));
    say(`\n${renderSum(results)}`);
    const report = reportOf(results, new Date());
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
    return report.failed > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    process.stderr.write(`plateau conformance: ${messageOf(error)}\n`);
    return 2;
  }
};
