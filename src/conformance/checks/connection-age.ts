import { Agent } from 'node:http';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { closesConnection } from '../http.ts';
import type { Session } from '../session.ts';
import { delay, nowMs } from '../wait.ts';

const connections = 8;
/** Longer is not waited for. */
const longestAgeMs = 20_000;
/** The page says 10 %; the rest is for a busy machine. */
const earliest = 0.8;
const latest = 1.3;
const latestSlackMs = 1000;
/** Connections opened together spread over 20 % of the age; all eight within a quarter of that happens by chance once in two thousand, and here it would have to happen twice. */
const leastSpread = 0.05;

/** Kept connections end with an answer that says so, and not all at once. @module */
export const connectionAge: Check = {
  name: 'connection-age',
  title: 'a kept connection ends with an answer that says Connection: close at its maximum age, give or take ten per cent',
  section: 'Connections, queue, overload',
  run: async (session) => {
    const { connectionAgeMs: ageMs } = session.options;
    if (ageMs === undefined) throw new NotChecked('start the server with a short maximum age of connections, and tell it with --connection-age 2s');
    if (ageMs > longestAgeMs) throw new NotChecked(`it would take ${ageMs / 1000} s: start the server with at most ${longestAgeMs / 1000} s`);
    const first = await tryOnce(session, ageMs);
    if (first.problems.length === 0) return passUnless([], first.detail);
    const second = await tryOnce(session, ageMs);
    return passUnless(second.problems, second.detail);
  },
};

const tryOnce = async (session: Session, ageMs: number): Promise<{ problems: Problem[]; detail: string }> => {
  const ages = await Promise.all(Array.from({ length: connections }, () => ageOfOne(session, ageMs)));
  const closed = ages.filter((age) => age !== undefined);
  const problems: Problem[] = [];
  if (closed.length < ages.length) problems.push({ expected: `each of ${connections} connections ends with Connection: close within ${latest} times the age`, seen: `${ages.length - closed.length} did not` });
  const early = closed.filter((age) => age < earliest * ageMs);
  if (early.length > 0) problems.push({ expected: `no connection ends before ${(earliest * ageMs).toFixed(0)} ms`, seen: `${early.map((age) => age.toFixed(0)).join(', ')} ms` });
  const spread = Math.max(...closed) - Math.min(...closed);
  if (closed.length === connections && spread < leastSpread * ageMs) problems.push({ expected: `ages that differ, by 10 % up and down of ${ageMs} ms`, seen: `all within ${spread.toFixed(0)} ms` });
  return { problems, detail: `${Math.min(...closed).toFixed(0)} to ${Math.max(...closed).toFixed(0)} ms for ${ageMs} ms` };
};

/** Ms until the server ended one connection; undefined when it did not in time. */
const ageOfOne = async ({ subject }: Session, ageMs: number): Promise<number | undefined> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const opened = nowMs();
  try {
    while (nowMs() - opened < ageMs * latest + latestSlackMs) {
      const answer = await subject.request({ agent });
      if (closesConnection(answer)) return nowMs() - opened;
      await delay(Math.min(50, ageMs / 50));
    }
    return undefined;
  } finally {
    agent.destroy();
  }
};
