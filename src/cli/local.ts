/**
 * `plateau local`: a fleet on this machine with no cluster.
 *
 * @module
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../local/error-code.ts';
import { checkReportPath, writeReport } from '../local/report/report-file.ts';
import { findRuntime } from '../local/runtimes/runtimes.ts';
import type { PreparedScenario } from '../local/scenarios/scenario.ts';
import { scenarios } from '../local/scenarios/scenarios.ts';
import type { ScenarioName } from '../local/scenarios/scenarios.ts';
import { MissingTool } from '../local/toolchain/missing-tool.ts';
import { trouble } from '../local/view/fleet-view.ts';
import { createView } from '../local/view/view.ts';
import { UsageError } from './flag-table.ts';
import { localUsage, readLocalArguments } from './local-arguments.ts';
import type { LocalArguments } from './local-arguments.ts';
import { readLocalFiles } from './local-files.ts';
import { watchParents } from './local-processes.ts';
import type { Ready } from './local-scene.ts';
import { startSession } from './local-session.ts';
import type { Session } from './local-session.ts';

/** Why a run ends, and with what exit code. */
interface Ending {
  readonly code: number;
  readonly message?: string;
}

/** How long a run with an end waits for its first pod, ms; a fleet that says what keeps it gets no longer than the duration. */
const startWithinMs = 60_000;
const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs the command.
 *
 * @returns exit code: 0 when the run ended as asked; 1 for a failure; 2 for a wrong command line, or a scenario
 *   that this machine cannot show; 128 plus the signal when
 *   a run with `--duration` was interrupted (without one, an interruption is how it ends)
 */
export const runLocal = async (argv: string[]): Promise<number> => {
  try {
    const given = readLocalArguments(argv);
    if (given.help) {
      process.stdout.write(localUsage());
      return 0;
    }
    if (given.report !== undefined) checkReportPath(given.report);
    return await run(given);
  } catch (error) {
    complain(messageOf(error));
    if (process.env['PLATEAU_DEBUG'] !== undefined && Error.isError(error)) process.stderr.write(`${error.stack ?? ''}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
};

const complain = (message: string): void => {
  process.stderr.write(`${message.split('\n').map((line) => `plateau local: ${line}`).join('\n')}\n`);
};

const run = async (given: LocalArguments): Promise<number> => {
  const files = readLocalFiles(given);
  const ready = await getReady(given);
  const end = Promise.withResolvers<Ending>();
  const stopListening = listenForTheEnd(given, end.resolve);
  const view = createView({ output: process.stdout, env: process.env });
  try {
    const started = startSession({ arguments: atScale(given, ready), files, ready, view, onFailure: (message) => end.resolve({ code: 1, message }) });
    const session = await Promise.race([started, end.promise.then(() => undefined)]);
    if (session === undefined) {
      // Interrupted while it started: let the start come to its end, then undo it.
      await started.then((late) => late.stop(), () => undefined);
      return finish(await end.promise);
    }
    view.pin(`API server ${session.controlPlane.url}; watch the fleet in another terminal:`);
    view.pin(`  kubectl --kubeconfig ${session.controlPlane.kubeconfig} get fsrv -w`);
    return await observe(given, session, end);
  } finally {
    stopListening();
  }
};

const tellProgress = (line: string): void => void process.stderr.write(`${line}\n`);

/** Finds or builds what the runtime or the scenario needs before anything starts: what is missing ends the run with a sentence. */
const getReady = async ({ runtime: name, scenario }: LocalArguments): Promise<Ready | undefined> => {
  if (scenario !== undefined) return { kind: 'scenario', name: scenario, scenario: scenarios[scenario], prepared: await prepareScenario(scenario) };
  const runtime = findRuntime(name);
  const prepared = await runtime?.prepare(tellProgress);
  return runtime === undefined || prepared === undefined ? undefined : { kind: 'runtime', name, runtime, prepared };
};

/** A scenario is asked for by name: one that this machine cannot show is a wrong command line here. */
const prepareScenario = async (name: ScenarioName): Promise<PreparedScenario> => {
  try {
    return await scenarios[name].prepare(tellProgress);
  } catch (error) {
    throw error instanceof MissingTool ? new UsageError(`--scenario ${name}: ${error.message}`) : error;
  }
};

/** Each runtime sees the trace at a height that it can be brought to its limits with; `--scale` multiplies that. */
const atScale = (given: LocalArguments, ready: Ready | undefined): LocalArguments => ({ ...given, scale: given.scale * (ready?.kind === 'runtime' ? ready.runtime.scale.trace : 1) });

const listenForTheEnd = ({ durationMs }: LocalArguments, resolve: (ending: Ending) => void): (() => void) => {
  let asked = false;
  const handlers = Object.entries(signalCodes).map(([signal, code]) => {
    const handler = (): void => {
      // Asked again: at once. The guards end what is left.
      if (asked) process.exit(code);
      asked = true;
      if (signal === 'SIGINT') tellProgress('ending: waits for the answers under way, the operator and the pods, usually at most 10 s; Ctrl-C again ends it at once');
      resolve({ code: durationMs === undefined ? 0 : code });
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  const stopWatching = watchParents(() => resolve({ code: 1, message: 'the process that started it is gone, so it ends' }));
  return () => {
    stopWatching();
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
};

const finish = ({ code, message }: Ending): number => {
  if (message !== undefined) complain(message);
  return code;
};

const observe = async (given: LocalArguments, session: Session, end: PromiseWithResolvers<Ending>): Promise<number> => {
  // Whoever is impatient, or closes the pipe that this prints to, ends the process at once and has a report all the same.
  const save = once(() => saveReport(given, session));
  process.once('exit', save);
  const begun = performance.now();
  let loadBegun: number | undefined;
  const timer = setInterval(() => {
    session.loads.update(session.fleets.fleets());
    const now = performance.now();
    if (session.loads.running) loadBegun ??= now;
    session.observer.show(loadBegun === undefined ? 0 : (now - loadBegun) / 1000);
    if (loadBegun !== undefined) session.director?.tick((now - loadBegun) / 1000, session.fleets.fleets());
    const ending = isOver(given, session, { sinceStart: now - begun, sinceLoad: loadBegun === undefined ? undefined : now - loadBegun });
    if (ending !== undefined) end.resolve(ending);
  }, 1_000);
  let ending: Ending;
  try {
    ending = await end.promise;
  } finally {
    clearInterval(timer);
  }
  await session.loads.stop();
  session.observer.noteDecisions();
  const reported = save();
  await session.stop();
  const code = finish(ending);
  return reported ? code : Math.max(1, code);
};

const once = <Result>(act: () => Result): (() => Result) => {
  let result: { value: Result } | undefined;
  return () => (result ??= { value: act() }).value;
};

const isOver = ({ durationMs }: LocalArguments, session: Session, { sinceStart, sinceLoad }: { sinceStart: number; sinceLoad: number | undefined }): Ending | undefined => {
  if (durationMs === undefined) return undefined;
  if (sinceLoad !== undefined) return sinceLoad >= durationMs ? { code: 0 } : undefined;
  const fleets = session.fleets.fleets();
  const patienceMs = fleets.some((facts) => trouble(facts) !== undefined) ? Math.min(durationMs, startWithinMs) : startWithinMs;
  if (sinceStart < patienceMs) return undefined;
  const reasons = fleets.map((facts) => `${facts.key}: ${trouble(facts) ?? 'no pod is ready'}`);
  return { code: 1, message: `no request could be sent: ${reasons.join('; ') || 'the operator has not taken up the FeatureServer'}` };
};

/** The report is written before the fleet is taken down. Where it cannot be, what was measured is kept elsewhere. */
const saveReport = ({ report }: LocalArguments, session: Session): boolean => {
  if (report === undefined) return true;
  const scenario = session.director?.report();
  const content = { ...session.recorder.report(), ...(scenario === undefined ? {} : { scenario }) };
  try {
    writeReport(report, content);
    return true;
  } catch (error) {
    complain(messageOf(error));
  }
  const instead = join(tmpdir(), `plateau-report-${process.pid}.json`);
  try {
    writeReport(instead, content);
    complain(`the report is in ${instead} instead`);
  } catch (error) {
    complain(messageOf(error));
  }
  return false;
};
