/**
 * What the benchmark tells: a table on the terminal, JSON, and the page for `docs`.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeMachine, describeVersions } from '../../servers/machine.ts';
import { confusionOf } from '../confusion.ts';
import type { Confusion } from '../confusion.ts';
import { falseAlarms, judge } from '../evaluate.ts';
import type { FalseAlarms, Verdict } from '../evaluate.ts';
import type { Recording, RecordingHead } from '../recording.ts';
import { signalsOfRun } from '../signals.ts';
import { besideModel } from './beside-model.ts';
import { confusionTable, rangesTable, removalsTable, runsTable, short, signalsTable } from './markdown.ts';
import { drawConfusions } from './picture.ts';
import { upperBound } from './poisson.ts';

export interface ReportWish {
  readonly out: string;
  readonly document?: string | undefined;
  readonly signals?: string | undefined;
  readonly failures: readonly string[];
}

interface Part {
  readonly title: 'training' | 'held-out' | 'all';
  readonly runs: number;
  readonly confusion: Confusion;
  readonly alarms: FalseAlarms;
  /** Median over the runs whose cause was named, seconds; null without any. */
  readonly secondsToTruth: number | null;
}

const middle = (values: readonly number[]): number | null => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;

const partOf = (title: Part['title'], verdicts: readonly Verdict[]): Part => ({
  title,
  runs: verdicts.length,
  confusion: confusionOf(verdicts),
  alarms: falseAlarms(verdicts),
  secondsToTruth: middle(verdicts.filter(({ truth }) => truth !== 'OK').flatMap(({ secondsToTruth }) => secondsToTruth ?? [])),
});

const partsOf = (verdicts: readonly Verdict[]): Part[] => {
  const of = (split: RecordingHead['split']): Verdict[] => verdicts.filter(({ recording }) => recording.head.split === split);
  return [partOf('training', of('training')), partOf('held-out', of('held-out')), partOf('all', verdicts)].filter(({ runs }) => runs > 0);
};

/** Judges recordings and tells what came of it. */
export const report = async (recordings: readonly Recording[], { out, document, signals, failures }: ReportWish): Promise<void> => {
  const verdicts = recordings.map(judge);
  const parts = partsOf(verdicts);
  for (const part of parts) process.stdout.write(`\n${partText(part)}\n`);
  process.stdout.write(`\n${runsTable(verdicts)}\n`);
  const result = { bench: 'causes', at: new Date().toISOString(), machine: describeMachine(), versions: await describeVersions(), failures, parts, runs: verdicts.map(runOf) };
  save(out, `${JSON.stringify(result, null, 1)}\n`);
  if (signals !== undefined) save(signals, `${signalText(verdicts)}\n`);
  if (document !== undefined) {
    save(join(document, 'causes.md'), pageOf(verdicts, parts, result.versions));
    save(join(document, 'causes.json'), `${JSON.stringify(published(result))}\n`);
    save(join(document, 'causes-confusion.svg'), drawConfusions(parts.filter(({ title }) => title !== 'all')));
  }
};

/** Without what the page holds already and what only debugging needs. */
const published = ({ failures: _failures, runs, ...rest }: { failures: readonly string[]; runs: readonly ReturnType<typeof runOf>[] } & Record<string, unknown>) => ({ ...rest, runs: runs.map(({ machine: _machine, ...run }) => run) });

const save = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`written to ${file}\n`);
};

/** The legend says what the columns' names leave out. */
const signalText = (verdicts: readonly Verdict[]): string =>
  [
    'The last window of each run. Times are per request. `cpu ×` and `store ×`: against the last window before the cause. `gil share`: of the probe\'s time. `gil/busy`: waiting threads by busy slots. `rq`: wait for a core, by request and by second of CPU. `rest`: service less CPU, store, interpreter wait and core wait. `others`, `steal`: cores that other programs and the host used.',
    signalsTable(verdicts),
    'By truth: least … middle … most.',
    rangesTable(verdicts),
  ].join('\n\n');

const alarmText = ({ hours, alarms, actions }: FalseAlarms): string =>
  `${alarms} false alarms in ${short(60 * hours)} minutes of healthy fleets (${short(hours > 0 ? alarms / hours : null)} an hour; so few are seen once in twenty times where there are ${short(hours > 0 ? upperBound(alarms) / hours : null)} an hour), ${actions} evaluations moved something because of one`;

const partText = ({ title, runs, confusion, alarms, secondsToTruth }: Part): string =>
  [
    `### ${title}: ${runs} runs, macro-F1 ${confusion.macroF1?.toFixed(3) ?? 'unknown'}`,
    confusionTable(confusion),
    `Right class after ${short(secondsToTruth)} s (median of the runs with a cause in which it came). ${alarmText(alarms)}.`,
  ].join('\n\n');

const runOf = (verdict: Verdict) => {
  const { recording, truth, found, secondsToTruth, judged } = verdict;
  const { evaluations: _evaluations, ...rest } = { ...recording, ...recording.head };
  return { ...rest.head, truth, found, secondsToTruth, classes: judged.map((one) => one.class), evidence: judged.at(-1)?.evidence, signals: signalsOfRun(recording) };
};

const pageOf = (verdicts: readonly Verdict[], parts: readonly Part[], versions: Readonly<Record<string, string>>): string => {
  const machine = verdicts[0]?.recording.head.machine ?? {};
  const model = besideModel(verdicts.map(({ recording }) => recording));
  return [
    '# What limits a server: the law on real processes\n\nWritten by `npm run bench causes -- --document docs`; do not edit by hand. Each run starts a real server, loads it quietly, then makes one cause. What the law is given comes from the admin port by way of the operator\'s own scraper and windows.',
    'The truth of a mix is the cause whose removal gains most, measured by removing each. Thresholds are chosen on the training runs and reported on the held-out ones. What is found is the class at the end of a run; THREADS where the law named it for the first raise of the threads and that raise met the objective or answered a tenth more, since another limit may show after it. Load generator, store and server share the cores of one machine. What of it is one pass, what was recorded anew, and why runs are missed: [control-law.md](control-law.md#how-well-causes-are-told).',
    `Machine: ${String(machine['cores'])} cores (${String(machine['cpu'])}), Linux ${String(machine['kernel'])}. ${Object.entries(versions).map(([name, version]) => `${name}: ${version}`).join('; ')}.`,
    '![Confusion matrices](causes-confusion.svg)',
    ...parts.map((part) => partText(part).replace('### ', '## ')),
    `## Runs\n\n${runsTable(verdicts)}`,
    verdicts.some(({ recording }) => recording.head.removals.length > 0) ? `## Mixes\n\n${removalsTable(verdicts)}` : '',
    model === '' ? '' : `## Beside the fleet model\n\n${model}`,
    `## Raw signals\n\n${signalText(verdicts)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n') + '\n';
};
