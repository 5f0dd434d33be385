/**
 * The column-major answer of `get-online-features`, written as text: building objects for `JSON.stringify` costs twice the CPU
 * and would round int64.
 *
 * @module
 */
import { epoch, toRfc3339 } from '../store/timestamp.ts';
import type { Row } from '../store/view.ts';
import type { Plan, ViewPlan } from './plan.ts';
import { valueToJson } from './value.ts';

const missing = { value: 'null', status: '"NOT_FOUND"' };
const present = '"PRESENT"';
const epochJson = `"${epoch}"`;

/**
 * Writes the whole answer.
 * @param found the rows of each view, in the order of `plan.views`
 */
export function writeAnswer(plan: Plan, found: readonly Row[][], fullFeatureNames: boolean): string {
  const names: string[] = [];
  const columns: string[] = [];
  for (const { name, json } of plan.joinKeys) {
    names.push(JSON.stringify(name));
    columns.push(column(json, Array(json.length).fill(present), Array(json.length).fill(epochJson)));
  }
  for (const [index, view] of plan.views.entries()) {
    const prefix = fullFeatureNames ? `${view.view.name}__` : '';
    names.push(...view.features.map((feature) => JSON.stringify(prefix + feature)));
    columns.push(...viewColumns(view, found[index] ?? []));
  }
  return `{"results":[${columns.join(',')}],"metadata":{"feature_names":[${names.join(',')}]}}`;
}

function column(values: string[], statuses: string[], times: string[]): string {
  const shown = times.length > 0 ? `,"event_timestamps":[${times.join(',')}]` : '';
  return `{"values":[${values.join(',')}],"statuses":[${statuses.join(',')}]${shown}}`;
}

interface Entity {
  values: Map<string, string>;
  time: string;
}

function viewColumns(plan: ViewPlan, rows: readonly Row[]): string[] {
  const entities = decodeRows(plan, rows);
  return plan.features.map((feature) => {
    const values: string[] = [];
    const statuses: string[] = [];
    const times: string[] = [];
    for (const key of plan.keyOfRow) {
      const entity = entities[key];
      const value = entity?.values.get(feature);
      values.push(value ?? missing.value);
      statuses.push(value === undefined ? missing.status : present);
      times.push(value === undefined || entity === undefined ? epochJson : entity.time);
    }
    return column(values, statuses, times);
  });
}

function decodeRows(plan: ViewPlan, rows: readonly Row[]): (Entity | undefined)[] {
  const wanted = new Set(plan.features);
  const entities: (Entity | undefined)[] = [];
  const times = new Map<string | null, string>();
  for (const [index, feature, value, eventTime] of rows) {
    if (!wanted.has(feature)) continue;
    const entity = (entities[index] ??= { values: new Map(), time: epochJson });
    entity.values.set(feature, value === null ? 'null' : valueToJson(value));
    let time = times.get(eventTime);
    if (time === undefined) times.set(eventTime, (time = `"${toRfc3339(eventTime)}"`));
    entity.time = time;
  }
  return entities;
}
