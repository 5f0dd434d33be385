/**
 * Requests to ask two servers: good ones, and every mistake that clients make.
 *
 * @module
 */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Catalogue, CatalogueView } from './catalogue.ts';

/** A request before it is written as JSON. Values are JSON text. */
export interface Draft {
  readonly features?: readonly string[];
  readonly service?: string;
  readonly full?: string;
  readonly entities: readonly (readonly [name: string, values: readonly string[]])[];
}

/** The request's body. */
export const bodyOf = ({ features, service, full, entities }: Draft): string => {
  const columns = entities.map(([name, values]) => `${JSON.stringify(name)}:[${values.join(',')}]`);
  const parts = [`"entities":{${columns.join(',')}}`];
  if (features !== undefined) parts.push(`"features":${JSON.stringify(features)}`);
  if (service !== undefined) parts.push(`"feature_service":${JSON.stringify(service)}`);
  if (full !== undefined) parts.push(`"full_feature_names":${full}`);
  return `{${parts.join(',')}}`;
};

/** Names that a service's renamed join keys ask for; see `definitions.py`. */
const renamedKeys = ['friend_id', 'other_sku', 'buyer'];
/** Nobody has rows under these, and Python and JavaScript convert some of them differently. */
const strangeValues = ['12345', '"unknown"', '""', '"7"', '" 8 "', '"1_0"', '"x"', '7.0', '7.9', '-0.0', '1e3', 'true', 'null', '[]', '{}', '9223372036854775808', '1e400', '"\\ud800"', '"9007199254740993"', '-9223372036854775809', '2147483648'];
const badReferences = ['', ':', 'scalars', ':int64', 'scalars:', 'scalars:no_such', 'no_such:int64', 'scalars:int64:x', 'scalars@latest:int64', 'scalars@v1:int64', 'scalars@v0:int64', 'scalars@x:int64', 'Scalars:int64', ' scalars:int64', 'disabled:unseen', 'constants:__dummy', 'scalars:user_id'];

/** One request for each row that a view holds, with all its features; a view without entities has one row. */
export const everyRow = (view: CatalogueView): string[] => rowsOfView(view).map((entities) => bodyOf({ features: view.features.map((feature) => `${view.name}:${feature}`), entities }));

/** One request for each cell. */
export const everyCell = (view: CatalogueView): string[] =>
  rowsOfView(view).flatMap((entities) => view.features.map((feature) => bodyOf({ features: [`${view.name}:${feature}`], entities })));

const rowsOfView = ({ joinKeys, rows }: CatalogueView): Draft['entities'][] =>
  joinKeys.length === 0 ? [[['anyone', ['1']]]] : rows.map((row) => joinKeys.map((name, index) => [name, [row[index] ?? 'null']] as const));

/** Requests of all kinds, good ones more than half. */
export const drafts = (catalogue: Catalogue): Arbitrary<Draft> => {
  const good = fc.oneof({ weight: 2, arbitrary: featureDrafts(catalogue) }, { weight: 1, arbitrary: serviceDrafts(catalogue) });
  return fc.oneof({ weight: 3, arbitrary: good }, { weight: 2, arbitrary: good.chain((draft) => mistakes(catalogue, draft)) });
};

const fullNames = fc.constantFrom(undefined, undefined, 'false', 'true', 'true');

const featureDrafts = (catalogue: Catalogue): Arbitrary<Draft> =>
  fc.subarray(catalogue.views.filter(({ name }) => name !== 'odd_floats' && name !== 'disabled'), { minLength: 1, maxLength: 3 }).chain((views) =>
    fc.record({ features: fc.tuple(...views.map(references)).map((parts) => parts.flat()), full: fullNames, entities: columns(catalogue, views) }).map(complete),
  );

const references = ({ name, features }: CatalogueView): Arbitrary<string[]> =>
  fc.shuffledSubarray(features, { minLength: 1, maxLength: Math.min(features.length, 8) }).map((chosen) => chosen.map((feature) => `${name}:${feature}`));

const serviceDrafts = (catalogue: Catalogue): Arbitrary<Draft> => {
  const keys = Object.keys(catalogue.joinKeys);
  return fc.record({
    service: fc.constantFrom(...catalogue.services),
    full: fullNames,
    entities: fc.shuffledSubarray([...keys, ...renamedKeys], { minLength: 4 }).chain((names) => rowsOf(names.map((name) => [name, valuesFor(catalogue, name)]))),
  }).map(complete);
};

/** Optional fields are absent, not undefined. */
const complete = ({ full, ...draft }: Omit<Draft, 'full'> & { full: string | undefined }): Draft => (full === undefined ? draft : { ...draft, full });

const valuesFor = ({ joinKeys }: Catalogue, name: string): readonly string[] => {
  const renamed = name === 'other_sku' ? joinKeys['item_sku'] : joinKeys['user_id'];
  return joinKeys[name] ?? renamed ?? [];
};

/** All join keys that the views need, in any order; a view without entities still wants a column, as rows are counted by them. */
const columns = (catalogue: Catalogue, views: readonly CatalogueView[]): Arbitrary<Draft['entities']> => {
  const needed = [...new Set(views.flatMap(({ joinKeys }) => joinKeys))];
  const names = needed.length === 0 ? fc.constantFrom(['user_id'], ['anything'], ['item_sku', 'user_id']) : fc.shuffledSubarray(needed, { minLength: needed.length });
  return names.chain((chosen) => rowsOf(chosen.map((name) => [name, valuesFor(catalogue, name)])));
};

/** Rows are often repeated, and often hold a value that nobody has. */
const rowsOf = (names: readonly (readonly [string, readonly string[]])[]): Arbitrary<Draft['entities']> =>
  fc.integer({ min: 0, max: 6 }).chain((count) => {
    const cells = names.map(([name, values]) => fc.array(fc.constantFrom(...values, name.endsWith('sku') ? '"nobody"' : '424242'), { minLength: count, maxLength: count }));
    return fc.tuple(...cells).map((drawn) => names.map(([name], index) => [name, drawn[index] ?? []] as const));
  });

/** One mistake in an otherwise good request. */
const mistakes = (catalogue: Catalogue, draft: Draft): Arbitrary<Draft> => {
  const anyColumn = fc.nat({ max: Math.max(0, draft.entities.length - 1) });
  const changeColumn = (change: (values: readonly string[]) => readonly string[]): Arbitrary<Draft> =>
    anyColumn.map((at) => ({ ...draft, entities: draft.entities.map(([name, values], index) => [name, index === at ? change(values) : values] as const) }));
  const renameColumn = (to: string): Arbitrary<Draft> =>
    anyColumn.map((at) => ({ ...draft, entities: withoutRepeats(draft.entities.map(([name, values], index) => [index === at ? to : name, values] as const)) }));
  const strange = fc.constantFrom(...strangeValues);
  return fc.oneof(
    fc.constantFrom(...badReferences).chain((reference) => fc.constant({ ...draft, features: [...(draft.features ?? []), reference] })),
    fc.constantFrom(...badReferences).map((reference) => ({ ...draft, features: [reference] })),
    strange.chain((value) => changeColumn((values) => [...values.slice(1), value])),
    strange.chain((value) => changeColumn((values) => values.map(() => value))),
    changeColumn((values) => values.slice(1)),
    changeColumn(() => []),
    anyColumn.map((at) => ({ ...draft, entities: draft.entities.toSpliced(at, 1) })),
    fc.constantFrom(...catalogue.entityNames, ...renamedKeys, 'stranger', '', '__dummy_id', '__proto__').chain(renameColumn),
    fc.tuple(fc.constantFrom('stranger', ...Object.keys(catalogue.joinKeys)), fc.array(strange, { maxLength: 4 })).map((extra) => ({ ...draft, entities: withoutRepeats([...draft.entities, extra]) })),
    fc.constantFrom({ features: [] }, { service: 'no_such_service' }, { service: '' }, { entities: [] }, { full: '"yes"' }, { full: '2' }, { full: 'null' }).map((change) => ({ ...draft, ...change })),
    fc.constant({ ...draft, features: [...(draft.features ?? []), ...(draft.features ?? [])] }),
  );
};

/** Two members of one name: servers may keep either, and nobody sends that. */
const withoutRepeats = (entities: Draft['entities']): Draft['entities'] => [...new Map(entities).entries()];
