/**
 * The page for `docs`. It holds nothing of the machine and no time of day: the same run writes the same bytes.
 *
 * @module
 */
import type { Row, Size } from '../suite.ts';
import { clairvoyantGoal, suiteGoal } from './pairing.ts';
import type { Pairing } from './pairing.ts';
import { legend, markdown } from './tables.ts';

/** Both tables, and what they come from. */
export interface ComparisonResult {
  readonly size: Size;
  readonly rows: readonly Row[];
  /** Different runs, the search's included, whether they were made now or known. */
  readonly runs: number;
  readonly seeds: { readonly search: number; readonly finals: readonly number[] };
  /** Settings of a peer that are run on all of the finals' seeds. */
  readonly finalists: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly clairvoyant: readonly Pairing[];
  readonly suite: readonly Pairing[];
}

/** As on the terminal. */
export const tablesOf = ({ clairvoyant, suite }: ComparisonResult): string => `${legend}\n\n${markdown(clairvoyant, clairvoyantGoal)}\n${markdown(suite, suiteGoal)}`;

const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

const rowsText = (rows: readonly Row[]): string => {
  const minutes = rows.map(({ durationSeconds }) => durationSeconds / 60);
  const traces = distinct(rows.map(({ trace }) => trace)).join(', ');
  const scales = distinct(rows.map(({ scale }) => scale)).join(', ');
  return `${rows.length} rows of ${distinct(minutes).join(', ')} minutes, ${minutes.reduce((sum, one) => sum + one, 0)} minutes in all: the profiles of \`test/bench/autoscale/suite.ts\` (traces: ${traces}; factors on their rates: ${scales}).`;
};

const chosenText = ({ seeds: { search, finals }, finalists }: ComparisonResult): string => {
  const chosen = finalists === 1 ? 'A peer stands here with the best setting of that search.' : `A peer stands here with the best of its first ${finalists} on the latter seeds, the same that the figures are of: that favours the peer.`;
  return `Searched with seed ${search}; the figures are of the seeds ${finals.join(', ')}. ${chosen} The interval is that of Student's t with ${finals.length - 1} degrees of freedom. In the second table the rows of a seed are added up before they are paired.`;
};

const versionsText = (versions: Readonly<Record<string, string>>): string => `${Object.entries(versions).map(([name, version]) => `${name}: ${version}`).join('; ')}.`;

/** The page. */
export const pageOf = (result: ComparisonResult): string => {
  const { size, rows, runs, versions } = result;
  const command = `npm run bench autoscale -- ${size === 'default' ? '' : `--${size} `}--document docs`;
  return [
    `# Plateau beside its peers, on the fleet model\n\nWritten by \`${command}\`; do not edit by hand. Plateau has its defaults, each peer the best setting that was found for it. The model, the policies and the search: [simulation.md](simulation.md#beside-the-peers).`,
    `${rowsText(rows)} ${runs} runs, those of the search included. ${chosenText(result)}`,
    versionsText(versions),
    tablesOf(result),
  ].join('\n\n');
};
