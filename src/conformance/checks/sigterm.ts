import { Agent, request } from 'node:http';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { ask, closesConnection, NoAnswer } from '../http.ts';
import { failuresOf } from '../load/job.ts';
import type { LoadResult } from '../load/job.ts';
import type { Session } from '../session.ts';
import { delay, nowMs, until } from '../wait.ts';

/** The page's bounds; the first one a little wider, for a busy machine. */
const notReadyWithinMs = 1500;
const acceptsForMs = 1000;
/** Enough to meet each moment of the end, and too little to fill a queue. */
const [fewestPerSecond, mostPerSecond] = [10, 40];

/** The last check: it ends the server. @module */
export const sigterm: Check = {
  name: 'sigterm',
  title: 'after SIGTERM the server is not ready at once, accepts for a second more, finishes what it holds and exits 0',
  section: 'SIGTERM',
  run: async (session) => {
    const end = ending(session);
    const capacity = await session.capacity();
    const perSecond = Math.min(0.5 * capacity, Math.max(fewestPerSecond, Math.min(mostPerSecond, 0.1 * capacity)));
    const loads = await Promise.all([true, false].map((keepAlive) => session.startLoad({ mode: { kind: 'open', perSecond: perSecond / 2 }, seconds: 120, keepAlive })));
    const half = await halfSent(session);
    await delay(300);
    const started = nowMs();
    end.terminate();
    const problems = [...(await drain(session, started)), ...(await finish(half))];
    const results = await Promise.all(loads.map((load) => load.stop()));
    problems.push(...results.flatMap(unanswered));
    const exit = await end.exit(session.options.terminationGraceMs - (nowMs() - started));
    const tookSeconds = (nowMs() - started) / 1000;
    if (exit === undefined) problems.push({ expected: `the process ends before ${session.options.terminationGraceMs / 1000} s are over (--termination-grace)`, seen: 'it still runs' });
    else if (exit !== 'gone' && exit !== 0) problems.push({ expected: 'exit code 0', seen: String(exit) });
    if (problems.length === 0 && results.every(({ sent }) => sent === 0)) throw new NotChecked('nothing was sent');
    return passUnless(problems, `${exit === 'gone' ? 'gone (its exit code is only seen of a server that is started here)' : `exit code ${exit}`} after ${tookSeconds.toFixed(1)} s`);
  },
};

interface Ending {
  terminate(): void;
  /** The exit code; `gone` when it is not known; undefined when the process did not end in time. */
  exit(withinMs: number): Promise<number | 'gone' | undefined>;
}

const ending = (session: Session): Ending => {
  const { started } = session;
  if (started !== undefined) {
    const exit = async (withinMs: number): Promise<number | undefined> => {
      const ended = await until(withinMs, () => (started.hasEnded() ? true : undefined));
      return ended === undefined ? undefined : (await started.ended).code;
    };
    return { terminate: () => started.terminate(), exit };
  }
  const pid = session.pid();
  return { terminate: () => void process.kill(pid, 'SIGTERM'), exit: (withinMs) => until(withinMs, () => (isAlive(pid) ? undefined : ('gone' as const))) };
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Not ready, and still serving for the grace, each connection for the last time. */
const drain = async (session: Session, startedMs: number): Promise<Problem[]> => {
  const { subject } = session;
  const problems: Problem[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const unready = await until(notReadyWithinMs, async () => ((await isReady(session)) ? undefined : true), 10);
  if (unready === undefined) problems.push({ expected: '/readyz says 503 within a second of SIGTERM', seen: `200 after ${notReadyWithinMs} ms` });
  let seenClose: boolean | undefined;
  try {
    while (nowMs() - startedMs < acceptsForMs) {
      const answer = await subject.request({ agent });
      seenClose = closesConnection(answer);
      await delay(100);
    }
    if (seenClose === false) problems.push({ expected: 'answers after SIGTERM carry Connection: close', seen: 'the connection was kept' });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    problems.push({ expected: `new connections are accepted for ${acceptsForMs / 1000} s after SIGTERM`, seen: `after ${((nowMs() - startedMs) / 1000).toFixed(2)} s: ${error.message}` });
  } finally {
    agent.destroy();
  }
  return problems;
};

/** 503 with the admin port still there; a port that is gone with the server is not ready either. */
const isReady = async ({ subject }: Session): Promise<boolean> => {
  try {
    return (await ask(`${subject.adminUrl}/readyz`, { timeoutMs: 1000 })).status === 200;
  } catch {
    return false;
  }
};

interface HalfSent {
  readonly call: ClientRequest;
  readonly rest: string;
  readonly answer: Promise<number | string>;
}

/** A request of which the server has half. */
const halfSent = async ({ subject }: Session): Promise<HalfSent> => {
  const body = subject.sampleBody;
  const middle = Math.floor(body.length / 2);
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  const call = request(`${subject.servingUrl}${subject.path}`, { method: 'POST', agent: false, headers });
  const answer = new Promise<number | string>((resolve) => {
    call.on('response', (response: IncomingMessage) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', (error) => resolve(error.message));
    });
    call.on('error', (error) => resolve(error.message));
  });
  call.write(body.slice(0, middle));
  const [socket] = await once(call, 'socket');
  if (socket.connecting) await once(socket, 'connect');
  return { call, rest: body.slice(middle), answer };
};

const finish = async ({ call, rest, answer }: HalfSent): Promise<Problem[]> => {
  call.end(rest);
  const status = await answer;
  return status === 200 ? [] : [{ expected: 'a request of which half had come before SIGTERM is answered with 200', seen: String(status) }];
};

const unanswered = (result: LoadResult, index: number): Problem[] => {
  const failures = failuresOf(result);
  const kind = index === 0 ? 'kept connections' : 'a connection for each request';
  return failures === '' ? [] : [{ expected: `everything sent until ${acceptsForMs / 1000} s after SIGTERM is answered with 200 (${kind})`, seen: failures }];
};
