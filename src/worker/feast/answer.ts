/**
 * The column-major answer of `get-online-features`, written as text: building objects for `JSON.stringify` costs twice the CPU
 * and would round int64.
 *
 * @module
 */
import type { ViewFound } from '../store/online-store.ts';
import { epoch } from '../store/timestamp.ts';
import type { Plan, ViewPlan } from './plan.ts';

const present = '"PRESENT"';
const notFound = '"NOT_FOUND"';
const epochJson = `"${epoch}"`;

/**
 * Writes the whole answer.
 * @param found what the store holds of each view, in the order of `plan.views`
 * @param missingIsPresent whether what is not stored is shown as a stored null: as Feast does on Redis
 */
export function writeAnswer(plan: Plan, found: readonly ViewFound[], missingIsPresent: boolean): string {
  const names: string[] = [];
  const columns: string[] = [];
  for (const { name, json } of plan.joinKeys) {
    names.push(JSON.stringify(name));
    columns.push(column(json.join(','), repeated(present, json.length), repeated(epochJson, json.length)));
  }
  for (const [index, view] of plan.views.entries()) {
    if (view.names.length > 0) names.push(joinedNames(view.names));
    const ofView = found[index];
    if (ofView !== undefined) writeColumns(view, ofView, missingIsPresent, columns);
  }
  return `{"results":[${columns.join(',')}],"metadata":{"feature_names":[${names.join(',')}]}}`;
}

/** All three are lists without their brackets. */
function column(values: string, statuses: string, times: string): string {
  const shown = times === '' ? '' : `,"event_timestamps":[${times}]`;
  return `{"values":[${values}],"statuses":[${statuses}]${shown}}`;
}

function writeColumns({ keyOfRow }: ViewPlan, { values, times }: ViewFound, missingIsPresent: boolean, columns: string[]): void {
  const inOrder = keyOfRow.every((key, row) => key === row);
  const toRows = (ofKeys: readonly (string | undefined)[]): readonly (string | undefined)[] => (inOrder ? ofKeys : keyOfRow.map((key) => ofKeys[key]));
  const shownTimes = joinOr(toRows(times), epochJson);
  const allPresent = repeated(present, keyOfRow.length);
  for (const ofKeys of values) {
    const rows = toRows(ofKeys);
    const statuses = missingIsPresent || !rows.includes(undefined) ? allPresent : Array.from(rows, (value) => (value === undefined ? notFound : present)).join(',');
    columns.push(column(joinOr(rows, 'null'), statuses, shownTimes));
  }
}

/** A store leaves holes where it has nothing, and `map` would step over them. */
function joinOr(items: readonly (string | undefined)[], missing: string): string {
  return items.includes(undefined) ? Array.from(items, (item) => item ?? missing).join(',') : items.join(',');
}

const joined = new WeakMap<readonly string[], string>();

/** Plans of equal wishes share the array. */
function joinedNames(names: readonly string[]): string {
  let text = joined.get(names);
  if (text === undefined) joined.set(names, (text = names.join(',')));
  return text;
}

const kept = new Map<string, string>();

/** A list of so many times the same; those of common lengths are kept. */
function repeated(item: string, count: number): string {
  if (count > 256) return Array<string>(count).fill(item).join(',');
  const name = `${count}${item}`;
  let list = kept.get(name);
  if (list === undefined) kept.set(name, (list = Array<string>(count).fill(item).join(',')));
  return list;
}
