/**
 * From a checked request to what has to be read: views, features, entity keys. Order of checks and messages are Feast's.
 *
 * @module
 */
import { dummyKey } from '../definitions/build-definitions.ts';
import type { Definitions } from '../definitions/definitions.ts';
import { valueType } from '../definitions/value-types.ts';
import type { ViewRead } from '../store/online-store.ts';
import { buildKeys, encodeKeyNames } from './entity-key.ts';
import type { EntityKeys } from './entity-key.ts';
import { convertColumn } from './key-column.ts';
import type { KeyColumn } from './key-column.ts';
import { plainDetail, pythonError, pythonList, pythonRepr } from './refusal.ts';
import type { FeatureRequest } from './request.ts';
import { resolveWish } from './resolution.ts';
import type { Resolution, ResolvedView, Wish } from './resolution.ts';

/** Values that one answer may hold, join keys included: some 50 MB, and about a second of one core. */
const mostValues = 1_000_000;
/** Kinds of requests whose resolution is remembered; a model asks for the same features again and again. */
const mostRemembered = 256;
/** Characters of the longest wish that is remembered, and of all: what nobody sends twice must not hold memory. */
const longestRemembered = 64 * 1024;
const mostCharacters = 1024 * 1024;

/** One view's share of a request. */
export interface ViewPlan extends ViewRead {
  /** What `full_feature_names` puts before each feature. */
  readonly shownName: string;
  /** Names of the columns, as JSON. */
  readonly names: readonly string[];
  /** For each request row, the index of its key in `keys`. */
  readonly keyOfRow: readonly number[];
}

export interface Plan {
  /** Join keys of the request in its order, values as JSON text. */
  readonly joinKeys: readonly { readonly name: string; readonly json: readonly string[] }[];
  readonly views: readonly ViewPlan[];
}

/**
 * Plans a request. Equal wishes get the same `features` and `names` arrays, and views with the same key columns the same `keys` array.
 *
 * @throws Refusal as Feast refuses: 404 for an unknown view or service, 500 for other mistakes; and 413 for an answer that would be too large
 */
export function planRequest(request: FeatureRequest, definitions: Definitions): Plan {
  const wish = wishOf(request);
  refuseLargeAnswer(request.entities, wish.features.length);
  const resolution = recall(wish, definitions);
  refuseLargeAnswer(request.entities, resolution.width);
  const columns = new Map<string, KeyColumn>();
  for (const [name, values] of request.entities) columns.set(name, convertColumn(values, resolution.types.get(name) ?? valueType.unknown));
  const rows = countRows(request.entities);
  const given = byJoinKey(columns, resolution);
  // Feast takes the column of its placeholder out of every answer, whoever sent it.
  const joinKeys = [...given].filter(([name]) => name !== dummyKey.name).map(([name, { json }]) => ({ name, json }));
  if (resolution.entityless) given.set(dummyKey.name, convertColumn(Array<string>(rows).fill(''), valueType.string));
  const planner = new KeyPlanner(given, rows, resolution);
  return { joinKeys, views: resolution.views.map((resolved) => planner.plan(resolved)) };
}

const noFeatures: readonly string[] = [];

/** A service's name wins over features, as in Feast; an empty one is none. */
function wishOf({ features, featureService, fullFeatureNames }: FeatureRequest): Wish {
  if (featureService === undefined || featureService === '') return { features, featureService: undefined, fullFeatureNames };
  return { features: noFeatures, featureService, fullFeatureNames };
}

interface Remembered {
  readonly wish: Wish;
  readonly resolution: Resolution;
}

/** What is remembered of one project's definitions. */
interface Memory {
  readonly wishes: Map<string, Remembered>;
  characters: number;
}

const remembered = new WeakMap<Definitions, Memory>();

/** Definitions never change once built, so neither does what a wish means in them. */
function recall(wish: Wish, definitions: Definitions): Resolution {
  const { features, featureService, fullFeatureNames } = wish;
  const text = `${fullFeatureNames ? 1 : 0}${featureService ?? ''}\0${features.join('\0')}`;
  let memory = remembered.get(definitions);
  if (memory === undefined) remembered.set(definitions, (memory = { wishes: new Map(), characters: 0 }));
  const found = memory.wishes.get(text);
  // Names may hold the separator, so equal texts alone do not make equal wishes.
  if (found !== undefined && found.wish.featureService === featureService && equal(found.wish.features, features)) return found.resolution;
  const resolution = resolveWish(wish, definitions);
  if (text.length <= longestRemembered) keep(memory, text, { wish, resolution });
  return resolution;
}

function keep(memory: Memory, text: string, entry: Remembered): void {
  if (memory.wishes.size >= mostRemembered || memory.characters + text.length > mostCharacters) {
    memory.wishes.clear();
    memory.characters = 0;
  }
  memory.wishes.set(text, entry);
  memory.characters += text.length;
}

/** Feast has no such bound; without one, a body of a few MB asks for an answer that no process can hold. */
function refuseLargeAnswer(entities: FeatureRequest['entities'], width: number): void {
  let rows = 0;
  for (const column of entities.values()) rows = Math.max(rows, column.length);
  const values = rows * (width + entities.size);
  if (values <= mostValues) return;
  throw plainDetail(413, `The answer would have ${values} values; the most is ${mostValues}. Split the request into fewer rows or features.`);
}

function countRows(entities: FeatureRequest['entities']): number {
  const lengths = new Set<number>();
  for (const values of entities.values()) lengths.add(values.length);
  const [rows] = lengths;
  if (rows === undefined) throw pythonError("'pop from an empty set'");
  if (lengths.size > 1) throw pythonError('All entity rows must have the same columns.');
  return rows;
}

/** Columns that are no join key are left out; of two for one key the later counts. */
function byJoinKey(columns: ReadonlyMap<string, KeyColumn>, { joinKeyOf }: Resolution): Map<string, KeyColumn> {
  const given = new Map<string, KeyColumn>();
  for (const [name, column] of columns) {
    const joinKey = joinKeyOf.get(name);
    if (joinKey !== undefined) given.set(joinKey, column);
  }
  return given;
}

/** Builds entity keys once for all views that have the same ones. */
class KeyPlanner {
  private readonly given: ReadonlyMap<string, KeyColumn>;
  private readonly rows: number;
  private readonly resolution: Resolution;
  private readonly built: { readonly joinKeys: readonly string[]; readonly columns: readonly KeyColumn[]; readonly keys: EntityKeys }[] = [];

  constructor(given: ReadonlyMap<string, KeyColumn>, rows: number, resolution: Resolution) {
    this.given = given;
    this.rows = rows;
    this.resolution = resolution;
  }

  plan(resolved: ResolvedView): ViewPlan {
    const { view, shownName, features, names } = resolved;
    const own = this.columnsOf(resolved);
    this.refuseMissing(own);
    const joinKeys = resolved.joinKeys.filter((key) => own.has(key));
    const { keys, keyOfRow } = this.keys(joinKeys, joinKeys.map((key) => own.get(key)).filter((column) => column !== undefined));
    return { view, shownName, features, names, keys, keyOfRow };
  }

  /** A request may use the alias and the join key itself; the later one counts, as in Feast. */
  private columnsOf({ joinKeys, joinKeyOfAlias }: ResolvedView): Map<string, KeyColumn> {
    const own = new Map<string, KeyColumn>();
    for (const [name, column] of this.given) {
      const key = joinKeyOfAlias.get(name) ?? name;
      if (joinKeys.includes(key)) own.set(key, column);
    }
    return own;
  }

  /** Feast refuses only when not one of the view's join keys has values; with some of them it looks up a shorter key and finds nothing. */
  private refuseMissing(own: ReadonlyMap<string, KeyColumn>): void {
    for (const { values } of own.values()) if (values.length > 0) return;
    const { expectedKeys } = this.resolution;
    const missing = expectedKeys.filter((key) => !own.has(key));
    if (missing.length + expectedKeys.length === 0) return;
    const message =
      `Missing join key values for keys: ${pythonList(missing)}. ` +
      `No values provided for keys: ${pythonList(expectedKeys)}. Provided join_key_values: ${pythonList([...this.given.keys()])}`;
    throw pythonError(pythonRepr(message));
  }

  private keys(joinKeys: readonly string[], columns: readonly KeyColumn[]): EntityKeys {
    const same = this.built.find((entry) => equal(entry.joinKeys, joinKeys) && equal(entry.columns, columns));
    if (same !== undefined) return same.keys;
    const keys = buildKeys(namesOf(joinKeys), columns, this.rows);
    this.built.push({ joinKeys, columns, keys });
    return keys;
  }
}

const equal = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((item, index) => item === b[index]);

const encodedNames = new Map<string, Buffer>();

/** Projects have few sets of join keys, and each request needs one of them. */
function namesOf(joinKeys: readonly string[]): Buffer {
  const id = joinKeys.join('\0');
  let names = encodedNames.get(id);
  if (names === undefined) {
    if (encodedNames.size >= mostRemembered) encodedNames.clear();
    encodedNames.set(id, (names = encodeKeyNames(joinKeys)));
  }
  return names;
}
