/**
 * What a request's features mean, before any of its values is looked at: views, features, names of columns, types of join keys.
 * Order of checks and messages are those of Feast's `utils.py` (`_get_online_request_context`).
 *
 * @module
 */
import type { DefinedView, Definitions, FeatureView, Projection } from '../definitions/definitions.ts';
import { dummyKey } from '../definitions/build-definitions.ts';
import { feastError, pythonError, pythonRepr } from './refusal.ts';

/** What a request asks for; equal ones have equal resolutions. */
export interface Wish {
  readonly features: readonly string[];
  /** Undefined where the features count. */
  readonly featureService: string | undefined;
  readonly fullFeatureNames: boolean;
}

/** One view of the request. */
export interface ResolvedView {
  readonly view: FeatureView;
  /** What `full_feature_names` puts before its features. */
  readonly shownName: string;
  readonly features: readonly string[];
  /** Final names of the columns, as JSON. */
  readonly names: readonly string[];
  /** The view's join keys, sorted as in its entity keys. */
  readonly joinKeys: readonly string[];
  /** From the name that requests use to the view's join key, where a service renames it. */
  readonly joinKeyOfAlias: ReadonlyMap<string, string>;
}

export interface Resolution {
  readonly views: readonly ResolvedView[];
  /** Number of features in all. */
  readonly width: number;
  /** From each name that a request may use to its join key: join keys themselves, aliases, and (deprecated) names of entities. */
  readonly joinKeyOf: ReadonlyMap<string, string>;
  /** Types of columns, as the views of the request say them. */
  readonly types: ReadonlyMap<string, number>;
  /** All join keys of the project and aliases of the request, sorted, for messages. */
  readonly expectedKeys: readonly string[];
  /** Whether a view without entities is among them. */
  readonly entityless: boolean;
}

/** One view as a request means it: a name before the colon, or a projection of a service. */
interface Use {
  readonly shownName: string;
  readonly view: DefinedView;
  /** Names that may be asked for. */
  readonly features: Set<string>;
  readonly joinKeyNames: ReadonlyMap<string, string>;
}

type Reference = readonly [shownName: string, feature: string];

/**
 * Resolves a wish.
 *
 * @throws Refusal as Feast refuses: 404 for an unknown view or service, 500 for other mistakes
 */
export function resolveWish(wish: Wish, definitions: Definitions): Resolution {
  const { featureService, features } = wish;
  const service = featureService === undefined ? undefined : findService(featureService, definitions);
  if (service === undefined && features.length === 0) throw pythonError('No features specified for retrieval');
  const texts = service?.flatMap(({ shownName, features: names }) => names.map((name) => `${shownName}:${name}`)) ?? features;
  const references = texts.map(parseReference);
  const uses = service === undefined ? usesOfReferences(references, definitions) : usesOfService(service, definitions);
  const keys = readKeys(uses, definitions);
  refuseCollisions(texts, references, wish.fullFeatureNames);
  const groups = group(references, uses);
  const views = [...groups].map(([use, names]) => resolveView(use, [...names], wish.fullFeatureNames));
  const width = views.reduce((sum, view) => sum + view.features.length, 0);
  return { views, width, ...keys, entityless: views.some(({ view }) => view.joinKeys.includes(dummyKey)) };
}

function findService(name: string, { services, project }: Definitions): readonly Projection[] {
  const service = services.get(name);
  if (service !== undefined) return service;
  throw feastError(404, 'FeatureServiceNotFoundException', `Feature service ${name} does not exist in project ${project}`);
}

/** `view:feature`, `view@v2:feature`; `@latest` and an empty version mean none, and any other text behind `@` is part of the name. */
function parseReference(reference: string): Reference {
  const colon = reference.indexOf(':');
  if (colon < 0) {
    const expected = "Expected format: '<feature_view>:<feature>' or '<feature_view>@<version>:<feature>'";
    throw pythonError(`Invalid feature reference '${reference}'. ${expected}`);
  }
  const view = reference.slice(0, colon);
  const feature = reference.slice(colon + 1);
  return view.includes('@') ? [plainVersion(view), feature] : [view, feature];
}

function plainVersion(view: string): string {
  const at = view.indexOf('@');
  const version = view.slice(at + 1);
  if (version === '' || version.toLowerCase() === 'latest') return view.slice(0, at);
  const [, number] = /^[vV](\d+)$/.exec(version) ?? [];
  return number === undefined ? view : `${view.slice(0, at)}@v${Number(number)}`;
}

function usesOfReferences(references: readonly Reference[], definitions: Definitions): Map<string, Use> {
  const uses = new Map<string, Use>();
  for (const [shownName] of references) {
    if (uses.has(shownName)) continue;
    const view = findView(shownName, definitions);
    uses.set(shownName, { shownName, view, features: new Set(view.features.keys()), joinKeyNames: new Map() });
  }
  return uses;
}

const versioned = /^(.*?)@v(\d+)$/s;

function findView(name: string, definitions: Definitions): DefinedView {
  const [, base, number] = name.includes('@') ? (versioned.exec(name) ?? []) : [];
  const view = base === undefined || number === undefined ? definitions.views.get(name) : findVersion(base, number, definitions);
  if (view === undefined) throw feastError(404, 'FeatureViewNotFoundException', `Feature view ${name} does not exist in project ${definitions.project}`);
  if (view.refusal !== undefined) throw pythonError(view.refusal);
  return view;
}

function findVersion(name: string, number: string, { versions, project }: Definitions): DefinedView {
  if (versions === undefined) {
    throw pythonError(
      `Version-qualified ref '${name}@v${number}' not supported: online versioning is disabled. ` +
        "Set 'enable_online_feature_view_versioning: true' under 'registry' in feature_store.yaml.",
    );
  }
  const view = versions.get(`${name}@v${number}`);
  if (view !== undefined) return view;
  throw feastError(404, 'FeatureViewVersionNotFound', `Version v${number} of feature view ${name} does not exist in project ${project}`);
}

/** Two projections with one name are one, as in Feast. */
function usesOfService(service: readonly Projection[], { project }: Definitions): Map<string, Use> {
  const uses = new Map<string, Use>();
  for (const { viewName, view, shownName, features, joinKeyNames, refusal } of service) {
    if (view === undefined) throw feastError(404, 'FeatureViewNotFoundException', `Feature view ${viewName} does not exist in project ${project}`);
    const why = view.refusal ?? refusal;
    if (why !== undefined) throw pythonError(why);
    const known = uses.get(shownName);
    if (known === undefined) uses.set(shownName, { shownName, view, features: new Set(features), joinKeyNames });
    else for (const feature of features) known.features.add(feature);
  }
  return uses;
}

function readKeys(uses: ReadonlyMap<string, Use>, { entities, project }: Definitions): Pick<Resolution, 'joinKeyOf' | 'types' | 'expectedKeys'> {
  const joinKeyOfName = new Map([...entities].map(([name, key]) => [name, key.name]));
  const types = new Map<string, number>();
  for (const { view, joinKeyNames } of uses.values()) {
    for (const entity of view.entities) {
      const key = entities.get(entity);
      if (key === undefined) throw feastError(404, 'EntityNotFoundException', `Entity ${entity} does not exist in project ${project}`);
      const alias = joinKeyNames.get(key.name);
      if (alias !== undefined) joinKeyOfName.set(alias, alias);
    }
    for (const [column, type] of view.columns) types.set(joinKeyNames.get(column) ?? column, type);
  }
  const joinKeys = new Set(joinKeyOfName.values());
  const expectedKeys = [...joinKeys].filter((key) => key !== dummyKey.name).sort(byCodePoint);
  // A join key is itself even where an entity of the same name has another key.
  return { joinKeyOf: new Map([...joinKeyOfName, ...[...joinKeys].map((key): [string, string] => [key, key])]), types, expectedKeys };
}

const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function refuseCollisions(texts: readonly string[], references: readonly Reference[], fullFeatureNames: boolean): void {
  const names = fullFeatureNames ? texts : references.map(([, feature]) => feature);
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  if (twice.size === 0) return;
  const collided = [...seen].filter((name) => twice.has(name));
  const shown = fullFeatureNames ? collided.map((text) => text.replaceAll(':', '__')) : collided;
  const remedy = fullFeatureNames
    ? 'please ensure that the feature views or their own features have different names. If you\'re intentionally joining the same feature view twice on ' +
      "different sets of entities, please rename one of the feature views with '.with_name'."
    : "either use the full feature name by setting 'full_feature_names=True', or ensure that the features in question have different names.";
  throw feastError(500, 'FeatureNameCollisionError', `Duplicate features named ${shown.join(', ')} found.\nTo resolve this collision, ${remedy}`);
}

function group(references: readonly Reference[], uses: ReadonlyMap<string, Use>): Map<Use, Set<string>> {
  const groups = new Map<Use, Set<string>>();
  for (const [shownName, feature] of references) {
    const use = uses.get(shownName);
    if (use === undefined) throw pythonError(`Could not find feature view from reference ${shownName}:${feature}`);
    if (!use.features.has(feature)) throw pythonError(pythonRepr(`Feature ${feature} not found in projection ${shownName}`));
    const features = groups.get(use);
    if (features === undefined) groups.set(use, new Set([feature]));
    else features.add(feature);
  }
  return groups;
}

function resolveView({ shownName, view, joinKeyNames }: Use, features: readonly string[], fullFeatureNames: boolean): ResolvedView {
  const prefix = fullFeatureNames ? `${shownName}__` : '';
  const names = features.map((feature) => JSON.stringify(prefix + feature));
  const joinKeyOfAlias = new Map([...joinKeyNames].map(([key, alias]) => [alias, key]));
  return { view, shownName, features, names, joinKeys: view.joinKeys.map(({ name }) => name), joinKeyOfAlias };
}

