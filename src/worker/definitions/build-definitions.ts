/**
 * From a registry's records to what requests are planned with, after Feast's own rules (its `utils.py` and `proto_registry_utils.py`).
 *
 * @module
 */
import type { DefinedView, Definitions, JoinKey, Projection } from './definitions.ts';
import { isViewKind, readView } from './registry-file.ts';
import type { FieldRecord, ProjectionRecord, RegistryContent, ViewRecord } from './registry-file.ts';
import { valueType } from './value-types.ts';

/** The key that a view without entities has in Feast, with one empty text as its value. */
export const dummyKey: JoinKey = { name: '__dummy_id', type: valueType.string };
/** Feast's name of the entity with that key. */
export const dummyEntity = '__dummy';

export interface BuildOptions {
  readonly project: string;
  /** Feast's `enable_online_feature_view_versioning`. */
  readonly versioned: boolean;
}

/** Builds in steps, so that a long registry can be worked through between requests. */
export function* buildDefinitions(content: RegistryContent, { project, versioned }: BuildOptions): Generator<void, Definitions> {
  const entities = new Map(content.entities.map(({ name, joinKey, type }): [string, JoinKey] => [name, { name: joinKey, type }]));
  const records = new Map<string, ViewRecord>();
  const views = new Map<string, DefinedView>();
  for (const record of content.views) {
    // Feast takes the first of a name.
    if (!views.has(record.name)) {
      records.set(record.name, record);
      views.set(record.name, buildView(record, entities, versioned ? record.version : undefined));
    }
    yield;
  }
  const services = new Map<string, readonly Projection[]>();
  for (const { name, projections } of content.services) {
    if (!services.has(name)) services.set(name, projections.map((projection) => buildProjection(projection, views, versioned)));
    yield;
  }
  const versions = versioned ? buildVersions(content, entities) : undefined;
  return { project, views, services, entities, versions };
}

const buildView = (record: ViewRecord, entities: ReadonlyMap<string, JoinKey>, version: number | undefined): DefinedView => {
  const { name, entities: names, features } = record;
  const columns = typesByName(record.columns);
  const joinKeys = names.map((entity) => joinKeyOf(entity, entities, columns)).filter((key) => key !== undefined);
  return { name, storedName: storedName(name, version), joinKeys: sortByName(joinKeys), features: typesByName(features), entities: names, columns, refusal: refusalOf(record) };
};

const typesByName = (fields: readonly FieldRecord[]): ReadonlyMap<string, number> => new Map(fields.map(({ name, type }) => [name, type]));

/** The column's type counts, as in Feast; that of the entity only where the view does not say it. */
const joinKeyOf = (entity: string, entities: ReadonlyMap<string, JoinKey>, columns: ReadonlyMap<string, number>): JoinKey | undefined => {
  if (entity === dummyEntity) return dummyKey;
  const key = entities.get(entity);
  return key === undefined ? undefined : { name: key.name, type: columns.get(key.name) ?? key.type };
};

/** By code points, as Python sorts the names inside an entity key; UTF-8 keeps that order. */
const sortByName = (keys: readonly JoinKey[]): JoinKey[] => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));

const storedName = (name: string, version: number | undefined): string => (version !== undefined && version > 0 ? `${name}_v${version}` : name);

const availableOnline = 4;
const states = ['STATE_UNSPECIFIED', 'CREATED', 'GENERATED', 'MATERIALIZING'];

/** Words of Feast's `_get_feature_views_to_use`, which its clients see. */
const refusalOf = ({ name, disabled, state }: ViewRecord): string | undefined => {
  if (disabled) return `Feature view '${name}' is disabled and cannot serve features. Enable it with \`feast feature-views enable ${name}\` or set enabled=True.`;
  if (state === 0 || state >= availableOnline) return undefined;
  return `Feature view '${name}' is in state '${states[state]}' and cannot serve features. Only AVAILABLE_ONLINE feature views can serve.`;
};

const buildProjection = (record: ProjectionRecord, views: ReadonlyMap<string, DefinedView>, versioned: boolean): Projection => {
  const { viewName, alias, features, joinKeyNames, versionTag } = record;
  const found = views.get(viewName);
  const tag = versionTag === undefined ? '' : `@v${versionTag}`;
  const view = found === undefined || !versioned || versionTag === undefined ? found : { ...found, storedName: storedName(viewName, versionTag) };
  const shownName = `${alias === '' ? viewName : alias}${tag}`;
  return { viewName, view, shownName, features: features.map(({ name }) => name), joinKeyNames, refusal: projectionRefusal(record, found) };
};

/** A service that was applied before its view changed; Feast's `with_projection` says it so. */
const projectionRefusal = ({ viewName, features }: ProjectionRecord, view: DefinedView | undefined): string | undefined => {
  const stale = view === undefined ? undefined : features.find(({ name, type }) => view.features.get(name) !== type);
  return stale === undefined ? undefined : `The projection for ${viewName} cannot be applied because it contains ${stale.name} which the FeatureView doesn't have.`;
};

const buildVersions = ({ versions }: RegistryContent, entities: ReadonlyMap<string, JoinKey>): ReadonlyMap<string, DefinedView> => {
  const built = new Map<string, DefinedView>();
  for (const { viewName, number, kind, view } of versions) {
    const key = `${viewName}@v${number}`;
    if (isViewKind(kind) && !built.has(key)) built.set(key, buildView(readView(view, kind)[1], entities, number));
  }
  return built;
};
