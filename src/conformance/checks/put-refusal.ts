/**
 * What the checks of refused changes share: the answer's status, and that nothing was changed.
 *
 * @module
 */
import type { PoolState } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { Failed, passUnless } from '../check.ts';
import { describe } from '../http.ts';
import type { Answer } from '../http.ts';
import type { Subject } from '../subject.ts';

/** One request that must be refused. */
export interface Refusal {
  readonly what: string;
  readonly status: number;
  readonly put: (subject: Subject, state: PoolState) => Promise<Answer>;
}

/** A check that sends each of these. */
export const refusalCheck = (parts: Pick<Check, 'name' | 'title'>, refusalsFor: (state: PoolState) => readonly Refusal[]): Check => ({
  ...parts,
  section: 'GET /pool, PUT /pool',
  run: async ({ subject }) => {
    const refusals = refusalsFor(await subject.state());
    const problems: Problem[] = [];
    for (const refusal of refusals) problems.push(...(await problemsOf(subject, refusal)));
    return passUnless(problems, refusals.map(({ what, status }) => `${what}: ${status}`).join(', '));
  },
});

const problemsOf = async (subject: Subject, { what, status, put }: Refusal): Promise<Problem[]> => {
  const before = await subject.state();
  const problems: Problem[] = [];
  try {
    const answer = await put(subject, before);
    if (answer.status !== status) problems.push({ expected: `PUT /pool with ${what} answers ${status}`, seen: describe(answer) });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    problems.push({ expected: `PUT /pool with ${what} answers ${status}`, seen: error.problem.seen });
  }
  const after = await subject.state();
  if (JSON.stringify(after) === JSON.stringify(before)) return problems;
  problems.push({ expected: `PUT /pool with ${what} changes nothing: ${sizesOf(before)}`, seen: sizesOf(after) });
  return problems;
};

const sizesOf = ({ threads, processes, generation, objectiveMs }: PoolState): string => JSON.stringify({ threads, processes, generation, objectiveMs });

/** Another objective than the present one: a change that every server can make. */
export const otherObjective = ({ objectiveMs }: PoolState): number => objectiveMs + 1;
