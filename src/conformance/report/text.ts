/**
 * Results as lines for a terminal.
 *
 * @module
 */
import type { Result } from '../run.ts';

const page = 'docs/worker-pool-protocol.md';
const words = { pass: 'pass', fail: 'FAIL', notChecked: 'not checked' } as const;
const wordWidth = 11;

/** One check. */
export const renderResult = ({ check, finding, seconds }: Result): string => {
  const head = (text: string): string => `${words[finding.kind].padEnd(wordWidth)}  ${check.name.padEnd(24)}  ${text}`;
  const indent = ' '.repeat(wordWidth + 2);
  switch (finding.kind) {
    case 'pass':
      return head(`${finding.detail} (${seconds.toFixed(1)} s)`);
    case 'notChecked':
      return head(finding.reason);
    case 'fail': {
      const lines = finding.problems.flatMap(({ expected, seen }) => [`${indent}expected: ${expected}`, `${indent}seen:     ${seen}`]);
      return [head(check.title), ...lines, `${indent}page:     ${page}, "${check.section}"`].join('\n');
    }
  }
};

/** How many of each. */
export const renderSum = (results: readonly Result[]): string => {
  const count = (kind: Result['finding']['kind']): number => results.filter(({ finding }) => finding.kind === kind).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return `${count('pass')} passed, ${count('fail')} failed, ${count('notChecked')} not checked, in ${seconds.toFixed(0)} s`;
};
