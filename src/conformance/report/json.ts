/**
 * Results as JSON, for `--json FILE`.
 *
 * @module
 */
import * as z from 'zod';
import type { Result } from '../run.ts';

const problem = z.object({ expected: z.string(), seen: z.string() });

export const conformanceReportSchema = z.object({
  version: z.literal(1),
  at: z.iso.datetime(),
  passed: z.int(),
  failed: z.int(),
  notChecked: z.int(),
  checks: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      /** Heading of docs/worker-pool-protocol.md. */
      section: z.string(),
      result: z.enum(['pass', 'fail', 'notChecked']),
      detail: z.string().optional(),
      problems: z.array(problem),
      seconds: z.number(),
    }),
  ),
});
export type ConformanceReport = z.infer<typeof conformanceReportSchema>;

/** @param now the moment of the report */
export const reportOf = (results: readonly Result[], now: Date): ConformanceReport => {
  const count = (kind: Result['finding']['kind']): number => results.filter(({ finding }) => finding.kind === kind).length;
  return { version: 1, at: now.toISOString(), passed: count('pass'), failed: count('fail'), notChecked: count('notChecked'), checks: results.map(rowOf) };
};

const rowOf = ({ check: { name, title, section }, finding, seconds }: Result): ConformanceReport['checks'][number] => {
  const row = { name, title, section, result: finding.kind, seconds: Math.round(seconds * 1000) / 1000 };
  switch (finding.kind) {
    case 'pass':
      return { ...row, detail: finding.detail, problems: [] };
    case 'notChecked':
      return { ...row, detail: finding.reason, problems: [] };
    case 'fail':
      return { ...row, problems: [...finding.problems] };
  }
};
