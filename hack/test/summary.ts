/** Adds up what the parts of the test command report. @module */

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** How many of the skipped ones do not fail a run in CI. Default: none. */
  excused?: number;
}

export interface PartResult extends Counts {
  name: string;
  seconds: number;
  /** A few words beyond the numbers, shown beside them. */
  note?: string;
  /** What must not be overlooked: repeated after the table. */
  warning?: string;
}

export const total = (results: readonly Counts[]): Required<Counts> => ({
  passed: results.reduce((sum, { passed }) => sum + passed, 0),
  failed: results.reduce((sum, { failed }) => sum + failed, 0),
  skipped: results.reduce((sum, { skipped }) => sum + skipped, 0),
  excused: results.reduce((sum, { excused = 0 }) => sum + excused, 0),
});

/** The last line of the test command; other programs read it. */
export const lastLine = ({ passed, failed, skipped }: Counts): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Whether tests were skipped that must not be in CI: nobody is there to notice it. */
export const skippedInVain = ({ skipped, excused = 0 }: Counts, ci: boolean): boolean => ci && skipped > excused;

/** 0 when nothing failed, something passed, and no skip counts as a failure. */
export const exitCode = (counts: Counts, ci: boolean): 0 | 1 => (counts.failed === 0 && counts.passed > 0 && !skippedInVain(counts, ci) ? 0 : 1);

/** A line for each part, columns aligned. */
export const table = (results: readonly PartResult[]): string => {
  const rows = results.map(({ name, passed, failed, skipped, seconds, note }) => {
    const cells = [name.padEnd(12), String(passed).padStart(7), String(failed).padStart(7), String(skipped).padStart(8), `${seconds.toFixed(1)} s`.padStart(9)];
    return [...cells, note === undefined ? '' : `  ${note}`].join('').trimEnd();
  });
  return ['part         passed failed skipped     time', ...rows].join('\n');
};
