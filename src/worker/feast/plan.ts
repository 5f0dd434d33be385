/**
 * From a checked request to what has to be read: views, features, entity keys. Order of checks and messages are Feast's.
 *
 * @module
 */
import type { View } from '../store/view.ts';
import { encodeKeyNames, encodeKeyValue } from './entity-key.ts';
import type { KeyValue } from './entity-key.ts';
import { feastError, plainDetail, pythonError, pythonList, pythonRepr } from './refusal.ts';
import type { FeatureRequest } from './request.ts';

/** Values that one answer may hold, join keys included: some 50 MB, and about a second of one core. */
const mostValues = 1_000_000;

/** What the request path needs of a store. */
export interface Catalogue {
  project: string;
  views: ReadonlyMap<string, View>;
  joinKeyNames: readonly string[];
}

/** One view's share of a request. */
export interface ViewPlan {
  view: View;
  features: string[];
  /** Each distinct entity key once. */
  keys: Buffer[];
  /** For each request row, the index of its key in `keys`. */
  keyOfRow: number[];
}

export interface Plan {
  /** Join keys of the request in its order, values as JSON text. */
  joinKeys: { name: string; json: string[] }[];
  views: ViewPlan[];
}

/**
 * Resolves a request against the store's views.
 * @throws Refusal as Feast refuses: 404 for an unknown view or service, 500 for other mistakes; and 413 for an answer that would be too large
 */
export function planRequest(request: FeatureRequest, catalogue: Catalogue): Plan {
  if (request.featureService !== undefined) {
    const message = `Feature service ${request.featureService} does not exist in project ${catalogue.project}`;
    throw feastError(404, 'FeatureServiceNotFoundException', message);
  }
  refuseLargeAnswer(request);
  const wanted = groupFeatures(request, catalogue);
  const columns = convertColumns(request.entities, catalogue);
  const rows = countRows(request.entities);
  const views = [...wanted].map(([view, features]) => planView(view, features, columns, { catalogue, rows }));
  const joinKeys = [...columns].map(([name, values]) => ({ name, json: values.map((value) => value.json) }));
  return { joinKeys, views };
}

/** Feast has no such bound; without one, a body of a few MB asks for an answer that no process can hold. */
function refuseLargeAnswer({ entities, features }: FeatureRequest): void {
  let rows = 0;
  for (const column of entities.values()) rows = Math.max(rows, column.length);
  const values = rows * (features.length + entities.size);
  if (values <= mostValues) return;
  throw plainDetail(413, `The answer would have ${values} values; the most is ${mostValues}. Split the request into fewer rows or features.`);
}

function groupFeatures(request: FeatureRequest, catalogue: Catalogue): Map<View, string[]> {
  if (request.features.length === 0) throw pythonError('No features specified for retrieval');
  const references = request.features.map(splitReference);
  const wanted = new Map<View, string[]>();
  const resolved = references.map(([name, feature]) => ({ view: findView(name, catalogue), feature }));
  refuseCollisions(request, references);
  for (const { view, feature } of resolved) {
    if (view.features !== undefined && !view.features.has(feature)) {
      throw pythonError(pythonRepr(`Feature ${feature} not found in projection ${view.name}`));
    }
    const features = wanted.get(view);
    if (features === undefined) wanted.set(view, [feature]);
    else features.push(feature);
  }
  return wanted;
}

function splitReference(reference: string): [view: string, feature: string] {
  const colon = reference.indexOf(':');
  if (colon > 0) return [reference.slice(0, colon), reference.slice(colon + 1)];
  const expected = "Expected format: '<feature_view>:<feature>' or '<feature_view>@<version>:<feature>'";
  throw pythonError(`Invalid feature reference '${reference}'. ${expected}`);
}

function findView(name: string, catalogue: Catalogue): View {
  const view = catalogue.views.get(name);
  if (view !== undefined) return view;
  throw feastError(404, 'FeatureViewNotFoundException', `Feature view ${name} does not exist in project ${catalogue.project}`);
}

function refuseCollisions(request: FeatureRequest, references: [string, string][]): void {
  const names = references.map(([view, feature]) => (request.fullFeatureNames ? `${view}__${feature}` : feature));
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  if (twice.size === 0) return;
  const collided = [...seen].filter((name) => twice.has(name)).join(', ');
  const remedy = request.fullFeatureNames
    ? 'please ensure that the features in question have different names.'
    : "either use the full feature name by setting 'full_feature_names=True', or ensure that the features in question have different names.";
  throw feastError(500, 'FeatureNameCollisionError', `Duplicate features named ${collided} found.\nTo resolve this collision, ${remedy}`);
}

function convertColumns(entities: Map<string, unknown[]>, catalogue: Catalogue): Map<string, KeyValue[]> {
  const types = new Map<string, number>();
  for (const view of catalogue.views.values()) for (const key of view.joinKeys) types.set(key.name, key.type);
  const columns = new Map<string, KeyValue[]>();
  for (const [name, values] of entities) {
    const type = types.get(name);
    if (type !== undefined) columns.set(name, values.map((value) => encodeKeyValue(value, type)));
  }
  return columns;
}

function countRows(entities: Map<string, unknown[]>): number {
  const lengths = new Set([...entities.values()].map((values) => values.length));
  if (lengths.size > 1) throw pythonError('All entity rows must have the same columns.');
  return [...lengths][0] ?? 0;
}

function planView(view: View, features: string[], columns: Map<string, KeyValue[]>, context: { catalogue: Catalogue; rows: number }): ViewPlan {
  const own = view.joinKeys.map((key) => key.name).filter((name) => columns.has(name));
  refuseMissingKeys(own, columns, context.catalogue);
  const names = encodeKeyNames(own);
  const values = own.map((name) => columns.get(name) ?? []);
  const seen = new Map<string, number>();
  const plan: ViewPlan = { view, features, keys: [], keyOfRow: [] };
  for (let row = 0; row < context.rows; row++) {
    const key = Buffer.concat([names, ...values.map((column) => column[row]?.encoded ?? Buffer.alloc(0))]);
    const text = key.toString('latin1');
    const index = seen.get(text) ?? plan.keys.push(key) - 1;
    seen.set(text, index);
    plan.keyOfRow.push(index);
  }
  return plan;
}

/** Feast refuses only when not one of the view's join keys has values; with some of them it looks up a shorter key and finds nothing. */
function refuseMissingKeys(own: string[], columns: Map<string, KeyValue[]>, catalogue: Catalogue): void {
  if (own.some((name) => (columns.get(name)?.length ?? 0) > 0)) return;
  const missing = catalogue.joinKeyNames.filter((name) => !own.includes(name));
  const provided = pythonList([...columns.keys()]);
  const message =
    `Missing join key values for keys: ${pythonList(missing)}. ` +
    `No values provided for keys: ${pythonList(catalogue.joinKeyNames)}. Provided join_key_values: ${provided}`;
  throw pythonError(pythonRepr(message));
}
