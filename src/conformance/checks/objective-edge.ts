import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import type { Histogram } from '../metrics/metrics-page.ts';

/** A new objective moves one edge, and nothing else. @module */
export const objectiveEdge: Check = {
  name: 'objective-edge',
  title: 'a changed objective moves its edge, and the counts at the others stay',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    const { objectiveMs: old } = await subject.state();
    const before = (await subject.scrapeAtRest()).histogram('requestSeconds');
    // A number that lies on nobody's fixed edges.
    const objectiveMs = old === 77.7 ? 88.8 : 77.7;
    const state = await subject.change({ objectiveMs });
    const after = (await subject.scrapeAtRest()).histogram('requestSeconds');
    await subject.change({ objectiveMs: old });
    const problems = problemsOf(before, after, objectiveMs / 1000);
    if (state.objectiveMs !== objectiveMs) problems.push({ expected: `"objectiveMs":${objectiveMs} in the answer`, seen: String(state.objectiveMs) });
    return passUnless(problems, `${old} ms to ${objectiveMs} ms and back`);
  },
};

const metric = `${poolMetrics.requestSeconds}_bucket`;

const problemsOf = (before: Histogram | undefined, after: Histogram | undefined, objective: number): Problem[] => {
  const problems: Problem[] = [];
  const edges = after?.edges ?? [];
  if (!edges.some((edge) => Math.abs(edge / objective - 1) < 1e-9)) problems.push({ expected: `${metric}{le="${objective}"}`, seen: 'no such edge' });
  for (const [index, edge] of (before?.edges ?? []).entries()) {
    const now = after?.counts[edges.indexOf(edge)];
    const count = before?.counts[index] ?? 0;
    if (now !== undefined && now < count) problems.push({ expected: `${metric}{le="${edge}"} stays at ${count} or rises`, seen: String(now) });
  }
  return problems;
};
