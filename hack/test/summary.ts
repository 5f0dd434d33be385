/** Adds up what the parts of the test command report. @module */

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface PartResult extends Counts {
  name: string;
  seconds: number;
  /** A few words beyond the numbers, shown beside them. */
  note?: string;
  /** What must not be overlooked: repeated after the table. */
  warning?: string;
}

export const total = (results: readonly Counts[]): Counts => ({
  passed: results.reduce((sum, { passed }) => sum + passed, 0),
  failed: results.reduce((sum, { failed }) => sum + failed, 0),
  skipped: results.reduce((sum, { skipped }) => sum + skipped, 0),
});

/** The last line of the test command; other programs read it. */
export const lastLine = ({ passed, failed, skipped }: Counts): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** 0 when nothing failed and something passed. In CI a skipped test counts as a failure: nobody is there to notice it. */
export const exitCode = ({ passed, failed, skipped }: Counts, ci: boolean): 0 | 1 =>
  failed === 0 && passed > 0 && !(ci && skipped > 0) ? 0 : 1;

/** A line for each part, columns aligned. */
export const table = (results: readonly PartResult[]): string => {
  const rows = results.map(({ name, passed, failed, skipped, seconds, note }) => {
    const cells = [name.padEnd(12), String(passed).padStart(7), String(failed).padStart(7), String(skipped).padStart(8), `${seconds.toFixed(1)} s`.padStart(9)];
    return [...cells, note === undefined ? '' : `  ${note}`].join('').trimEnd();
  });
  return ['part         passed failed skipped     time', ...rows].join('\n');
};
