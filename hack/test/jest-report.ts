/** Counts out of jest's JSON report. @module */
import { z } from 'zod';
import type { Counts } from './summary.ts';

const count = z.number().int().nonnegative();

const report = z.object({
  success: z.boolean(),
  numPassedTests: count,
  numFailedTests: count,
  numPendingTests: count,
  numTodoTests: count,
  numRuntimeErrorTestSuites: count,
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })).default([]),
});

/** What is in the name of a test, or of its suite, that may be left out where there is no such interpreter, even under CI=true. */
const excusedName = 'free-threaded Python';

/**
 * Tests that passed, failed and were skipped. A file that could not even be loaded counts as one failed test,
 * and so does a run that jest calls unsuccessful for a reason that no test shows.
 * @throws when the text is not a report of jest.
 */
export const countsOf = (json: string): Counts => {
  const parsed = report.parse(JSON.parse(json));
  const failed = parsed.numFailedTests + parsed.numRuntimeErrorTestSuites;
  return {
    passed: parsed.numPassedTests,
    failed: failed === 0 && !parsed.success ? 1 : failed,
    skipped: parsed.numPendingTests + parsed.numTodoTests,
    excused: parsed.testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ fullName, status }) => status === 'pending' && fullName.includes(excusedName)).length,
  };
};
