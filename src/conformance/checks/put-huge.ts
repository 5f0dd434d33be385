import type { Check, Problem } from '../check.ts';
import { Failed, passUnless } from '../check.ts';
import { ask, describe, NoAnswer } from '../http.ts';
import type { Subject } from '../subject.ts';

/** The page's bound is 16 KiB. */
const sizes = [20_000, 8 * 1024 * 1024];

/** A body that no change needs is not read into memory. @module */
export const putHuge: Check = {
  name: 'put-huge',
  title: 'PUT /pool with a body of more than 16 KiB answers 413 and changes nothing',
  section: 'GET /pool, PUT /pool',
  run: async ({ subject }) => {
    const problems: Problem[] = [];
    for (const size of sizes) problems.push(...(await problemsOf(subject, size)));
    return passUnless(problems, sizes.map((size) => `${size} bytes`).join(', '));
  },
};

const problemsOf = async (subject: Subject, size: number): Promise<Problem[]> => {
  const before = await subject.state();
  const change = JSON.stringify({ generation: before.generation + 1, objectiveMs: before.objectiveMs + 1 });
  const seen = await put(subject, change + ' '.repeat(size - change.length));
  const problems: Problem[] = seen === undefined ? [] : [{ expected: `PUT /pool with ${size} bytes answers 413, or closes the connection`, seen }];
  const after = await subject.state();
  if (after.generation !== before.generation) problems.push({ expected: `PUT /pool with ${size} bytes changes nothing`, seen: `generation ${before.generation} became ${after.generation}` });
  return problems;
};

/** Undefined: refused; the server may close the connection while the body still comes, and the answer is then often lost. */
const put = async (subject: Subject, body: string): Promise<string | undefined> => {
  try {
    const answer = await ask(`${subject.adminUrl}/pool`, { method: 'PUT', body, headers: { authorization: `Bearer ${subject.token}`, 'content-type': 'application/json' }, timeoutMs: 10_000 });
    return answer.status === 413 ? undefined : describe(answer);
  } catch (error) {
    if (error instanceof Failed || !(error instanceof NoAnswer)) throw error;
    return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : error.message;
  }
};
