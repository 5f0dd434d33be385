/** The command behind `npm test`: every part, a table, and a last line that adds them up. @module */
import { constants } from 'node:os';
import { messageOf } from '../errors.ts';
import { Interrupted } from './command.ts';
import { runPart } from './run-part.ts';
import { type Selection, parseSelection, parts } from './selection.ts';
import { type PartResult, exitCode, lastLine, skippedInVain, table, total } from './summary.ts';

/** Every part runs even when an earlier one failed: one run shows all that is wrong. */
const runAll = async (selection: Selection): Promise<PartResult[]> => {
  const results: PartResult[] = [];
  for (const part of selection.parts) results.push(await runPart(part, selection));
  return results;
};

const main = async (words: readonly string[]): Promise<number> => {
  const ci = process.env['CI'] === 'true';
  const selection = parseSelection(words);
  const results = await runAll(selection);
  const sum = total(results);
  console.log(`\n${table(results)}`);
  for (const { warning } of results) if (warning !== undefined) console.log(`\n${warning}\n`);
  if (skippedInVain(sum, ci)) console.log('CI=true: a skipped test is a failure');
  if (ci && sum.excused > 0) console.log(`CI=true: ${sum.excused} of the skipped tests need a free-threaded Python, the only skip that is no failure`);
  if (sum.passed + sum.failed + sum.skipped === 0) console.log(`no test matches ${selection.paths.join(' ')}: nothing was shown to work (the parts are ${parts.join(', ')})`);
  console.log(lastLine(sum));
  return exitCode(sum, ci);
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof Interrupted ? 128 + constants.signals[error.signal] : 2;
}
