/**
 * Runs the checks one after the other.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../local/error-code.ts';
import { Failed, NotChecked } from './check.ts';
import type { Check, Finding } from './check.ts';
import { checks } from './checks.ts';
import { NoAnswer } from './http.ts';
import type { ConformanceOptions } from './options.ts';
import { openSession } from './open-session.ts';
import type { Session } from './session.ts';
import { nowMs } from './wait.ts';

export interface Result {
  readonly check: Check;
  readonly finding: Finding;
  readonly seconds: number;
}

/** Raised before any check: there is no server to check. */
export { CannotStart } from './open-session.ts';

/**
 * Runs the chosen checks; a server that was started is ended, one that ran before gets its size back.
 *
 * @param onResult is told each result as it comes
 * @throws CannotStart
 */
export const runConformance = async (options: ConformanceOptions, onResult: (result: Result) => void): Promise<Result[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-conformance-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const session = await openSession(options, folder);
    try {
      return await runChecks(session, onResult);
    } finally {
      await closeSession(session);
    }
  } finally {
    process.off('exit', remove);
    remove();
  }
};

const runChecks = async (session: Session, onResult: (result: Result) => void): Promise<Result[]> => {
  const { only } = session.options;
  const results: Result[] = [];
  for (const check of checks.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const started = nowMs();
    const finding = await findingOf(check, session);
    const result = { check, finding, seconds: (nowMs() - started) / 1000 };
    results.push(result);
    onResult(result);
  }
  return results;
};

const findingOf = async (check: Check, session: Session): Promise<Finding> => {
  if (check.slow === true && session.options.quick && session.options.only.length === 0) return { kind: 'notChecked', reason: 'it takes long: leave --quick out' };
  session.subject.activity = check.name;
  try {
    return await check.run(session);
  } catch (error) {
    if (error instanceof NotChecked) return { kind: 'notChecked', reason: error.message };
    if (error instanceof Failed) return { kind: 'fail', problems: [error.problem] };
    if (error instanceof NoAnswer) return { kind: 'fail', problems: [{ expected: 'an answer', seen: error.message }] };
    return { kind: 'fail', problems: [{ expected: 'the check runs to its end', seen: messageOf(error) }] };
  }
};

const closeSession = async ({ started, store, subject, initial, options }: Session): Promise<void> => {
  await store?.close();
  if (started !== undefined) {
    started.kill();
    await started.ended;
    return;
  }
  if (initial === undefined || options.target.kind !== 'running' || options.target.token === undefined) return;
  const { threads, processes, objectiveMs, live } = initial;
  // The server may have gone, by the check of SIGTERM for one.
  await subject.change({ objectiveMs, ...(live.threads ? { threads } : {}), ...(live.processes ? { processes } : {}) }).catch(() => undefined);
};
