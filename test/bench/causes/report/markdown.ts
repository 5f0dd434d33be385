/**
 * Tables of results as Markdown.
 *
 * @module
 */
import type { Confusion } from '../confusion.ts';
import type { Verdict } from '../evaluate.ts';
import { signalsOfRun } from '../signals.ts';
import type { Signals } from '../signals.ts';

export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Three digits; a dash for what is not known. */
export const short = (value: number | null | undefined): string => {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
};

/** Truth in rows, finding in columns. */
export const confusionTable = ({ classes, counts, f1 }: Confusion): string =>
  table(
    ['truth \\ found', ...classes, 'F1'],
    classes.map((name, row) => [`**${name}**`, ...(counts[row] ?? []).map((value) => (value === 0 ? '' : value)), f1[name] === undefined ? '' : short(f1[name])]),
  );

type Column = readonly [string, (during: Signals, before: Signals | undefined) => number | null];

const ratio = (during: number | null, before: number | null | undefined): number | null => (during === null || !before ? null : during / before);

const columns: readonly Column[] = [
  ['req/s', ({ perSecond }) => perSecond],
  ['p95 ms', ({ p95Ms }) => p95Ms],
  ['proc cores', ({ processCores }) => processCores],
  ['limit share', ({ limitShare }) => limitShare],
  ['cpu ms', ({ cpuMs }) => cpuMs],
  ['cpu ×', (during, before) => ratio(during.cpuMs, before?.cpuMs)],
  ['gil share', ({ gilShare }) => gilShare],
  ['gil threads', ({ gilThreads }) => gilThreads],
  ['gil/busy', ({ gilOfBusy }) => gilOfBusy],
  ['rq ms', ({ runqueueMs }) => runqueueMs],
  ['rq/cpu', ({ runqueuePerCpu }) => runqueuePerCpu],
  ['throttled', ({ throttled }) => throttled],
  ['thr. periods', ({ throttledPeriods }) => throttledPeriods],
  ['lag ms', ({ loopLagMs }) => loopLagMs],
  ['store ms', ({ storeMs }) => storeMs],
  ['store p95', ({ store95Ms }) => store95Ms],
  ['store ×', (during, before) => ratio(during.storeMs, before?.storeMs)],
  ['service ms', ({ serviceMs }) => serviceMs],
  ['rest ms', ({ restMs }) => restMs],
  ['rest share', ({ restShare }) => restShare],
  ['lock ms', ({ lockMs }) => lockMs],
  ['lock share', ({ lockShare }) => lockShare],
  ['in use', ({ inUse }) => inUse],
  ['queue ms', ({ queueMs }) => queueMs],
  ['rejected', ({ rejectedShare }) => rejectedShare],
];

/** One row a run, by truth: what the server reported in the last window of its cause. */
export const signalsTable = (verdicts: readonly Verdict[]): string => {
  const rows = verdicts
    .toSorted((a, b) => a.truth.localeCompare(b.truth) || a.recording.head.scenario.localeCompare(b.recording.head.scenario))
    .flatMap(({ truth, found, recording }) => {
      const { before, during } = signalsOfRun(recording);
      const { scenario, foreignCores, stealCores } = recording.head;
      return during === undefined ? [] : [[truth, scenario, ...columns.map(([, value]) => short(value(during, before))), found, short(foreignCores), short(stealCores)]];
    });
  return table(['truth', 'scenario', ...columns.map(([name]) => name), 'law', 'others', 'steal'], rows);
};

const rangeOf = (values: readonly (number | null)[]): string => {
  const known = values.filter((value) => value !== null && Number.isFinite(value)).toSorted((a, b) => (a ?? 0) - (b ?? 0));
  return known.length === 0 ? '–' : [known[0], known[Math.floor(known.length / 2)], known.at(-1)].map(short).join(' … ');
};

/** One row a truth: least, middle and most of each signal over its runs. */
export const rangesTable = (verdicts: readonly Verdict[]): string => {
  const rows = [...new Set(verdicts.map(({ truth }) => truth))].toSorted().map((truth) => {
    const runs = verdicts.filter((verdict) => verdict.truth === truth).map(({ recording }) => signalsOfRun(recording));
    return [truth, runs.length, ...columns.map(([, value]) => rangeOf(runs.map(({ before, during }) => (during === undefined ? null : value(during, before)))))];
  });
  return table(['truth', 'runs', ...columns.map(([name]) => name)], rows);
};

/** One row a run: what was found, and when. */
export const runsTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['scenario', 'server', 'split', 'truth', 'found', 'right after, s', 'p95 ms', 'others, cores', 'steal, cores'],
    verdicts.map(({ recording: { head }, truth, found, secondsToTruth }) => [
      head.scenario, head.server, head.split, truth, found === truth ? found : `**${found}**`, short(secondsToTruth), short(head.during.p95Ms), short(head.foreignCores), short(head.stealCores),
    ]),
  );

/** One row a removed cause of a mix. */
export const removalsTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['mix', 'without', 'answered/s', 'gain'],
    verdicts.flatMap(({ recording: { head } }) => head.removals.map(({ cause, perSecond, gain }) => [head.scenario, cause, short(perSecond), `${short(gain)} ×`])),
  );
