/**
 * What `plateau replay` prints: nothing in it depends on the machine, the terminal or the time of day.
 *
 * @module
 */
import type { Difference, Leaf } from '../core/decisions/compare.ts';
import type { Replayed } from '../core/decisions/replay.ts';
import type { DecisionRecord } from '../core/decisions/record.ts';
import { told } from './sources.ts';

/** Fields told of one decision as text; JSON has all. */
const MOST_FIELDS = 8;

export interface Place {
  file: string;
  line: number;
}

const text = (value: Leaf): string => {
  if (value === undefined) return '(absent)';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
};

const objectName = ({ object }: DecisionRecord): string => `${object.namespace}/${object.name}`;

const differenceText = ({ field, was, is }: Difference): string => `${field}  ${text(was)} → ${text(is)}`;

/** Largest number of pods asked for, on record and in the replay. */
interface Most {
  was: number;
  is: number;
}

/** Counts over a whole replay. */
export class Tally {
  readonly #objects = new Map<string, Most>();
  decisions = 0;
  different = 0;
  unusable = 0;

  add(record: DecisionRecord, { now, differences }: Replayed): void {
    this.decisions += 1;
    if (differences.length > 0) this.different += 1;
    const name = objectName(record);
    const most = this.#objects.get(name) ?? { was: 0, is: 0 };
    const { replicas } = record.output.scale;
    this.#objects.set(name, { was: Math.max(most.was, typeof replicas === 'number' ? replicas : 0), is: Math.max(most.is, now.scale.replicas) });
  }

  get objects(): { object: string; mostReplicas: Most }[] {
    return [...this.#objects].map(([object, mostReplicas]) => ({ object, mostReplicas }));
  }
}

/** The lines of a report, as they come. */
export interface Report {
  different(record: DecisionRecord, replayed: Replayed, place: Place): string[];
  unusable(problem: string, place: Place): string[];
  end(tally: Tally): string[];
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** For people. */
export const textReport = (isWhatIf: boolean): Report => ({
  different: (record, { differences }) => {
    const rows = differences.slice(0, MOST_FIELDS).map((difference) => `${record.at}  ${objectName(record)}  ${differenceText(difference)}`);
    const more = differences.length - rows.length;
    return more > 0 ? [...rows, `${record.at}  ${objectName(record)}  and ${counted(more, 'more field')}`] : rows;
  },
  unusable: (problem, { file, line }) => [`${told(file)} line ${line}: ${problem}`],
  end: (tally) => [
    ...(isWhatIf ? tally.objects.map(({ object, mostReplicas }) => `${object}: at most ${mostReplicas.was} pods asked for then, ${mostReplicas.is} with the settings`) : []),
    `${counted(tally.decisions, 'decision')} of ${counted(tally.objects.length, 'object')}: ${tally.different} ${isWhatIf ? 'would differ' : tally.different === 1 ? 'differs' : 'differ'}${tally.unusable > 0 ? `, ${counted(tally.unusable, 'line')} could not be read` : ''}`,
  ],
});

/** For programs: one JSON object a line. */
export const jsonReport = (): Report => ({
  different: (record, { differences }, place) => [JSON.stringify({ ...place, object: record.object, at: record.at, differences: differences.map(({ field, was = null, is = null }) => ({ field, was, is })) })],
  unusable: (error, place) => [JSON.stringify({ ...place, error })],
  end: ({ decisions, different, unusable, objects }) => [JSON.stringify({ decisions, different, unusable, objects })],
});
