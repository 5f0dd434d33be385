/**
 * Feast's registry file: one protobuf message `feast.core.Registry`. Field numbers are those of Feast 0.66's descriptors
 * (Registry, Entity, FeatureView, StreamFeatureView, LabelView, FeatureService, FeatureViewProjection, FeatureViewVersion).
 *
 * @module
 */
import protobuf from 'protobufjs/minimal.js';
import { mapEntry, readFields, text } from './protobuf-fields.ts';

export interface EntityRecord {
  readonly name: string;
  readonly joinKey: string;
  readonly type: number;
}

export interface FieldRecord {
  readonly name: string;
  readonly type: number;
}

/** A feature view, stream feature view or label view. */
export interface ViewRecord {
  readonly name: string;
  readonly entities: readonly string[];
  readonly features: readonly FieldRecord[];
  readonly columns: readonly FieldRecord[];
  readonly disabled: boolean;
  /** `feast.core.FeatureViewState`. */
  readonly state: number;
  /** Number of the present version; undefined where the view is not versioned. */
  readonly version: number | undefined;
}

export interface ProjectionRecord {
  readonly viewName: string;
  readonly alias: string;
  readonly features: readonly FieldRecord[];
  readonly joinKeyNames: ReadonlyMap<string, string>;
  readonly versionTag: number | undefined;
}

export interface ServiceRecord {
  readonly name: string;
  readonly projections: readonly ProjectionRecord[];
  readonly precomputed: boolean;
}

export interface VersionRecord {
  readonly viewName: string;
  readonly number: number;
  readonly kind: string;
  readonly view: Uint8Array;
}

/** One project's part of a registry. */
export interface RegistryContent {
  readonly schemaVersion: string;
  readonly versionId: string;
  /** Seconds since the epoch; undefined when the file does not say it. */
  readonly lastUpdated: number | undefined;
  /** Names of all projects that the file knows. */
  readonly projects: ReadonlySet<string>;
  readonly entities: EntityRecord[];
  /** In the order in which Feast looks a name up: feature views, stream feature views, label views. */
  readonly views: ViewRecord[];
  readonly onDemandViews: string[];
  readonly services: ServiceRecord[];
  readonly versions: VersionRecord[];
}

/** Numbers of the fields of the specs that differ between the kinds of views. */
interface ViewLayout {
  readonly columns: number;
  readonly version: number;
  readonly disabled: number;
}

const layouts = {
  feature_view: { columns: 12, version: 18, disabled: 20 },
  stream_feature_view: { columns: 5, version: 21, disabled: 23 },
  label_view: { columns: 11, version: 0, disabled: 0 },
} as const satisfies Record<string, ViewLayout>;

/** Kinds of views that can be served, in the words of Feast's version records. */
export type ViewKind = keyof typeof layouts;

export const isViewKind = (kind: string): kind is ViewKind => Object.hasOwn(layouts, kind);

/**
 * Reads the part of a project, in steps, so that a long registry can be read between requests.
 *
 * @throws Error when the bytes are no such message, or end too early
 */
export function* readRegistry(file: Uint8Array, project: string): Generator<void, RegistryContent> {
  const head = { schemaVersion: '', versionId: '', lastUpdated: undefined as number | undefined };
  const projects = new Set<string>();
  const views: Record<ViewKind, ViewRecord[]> = { feature_view: [], stream_feature_view: [], label_view: [] };
  const rest = { entities: new Array<EntityRecord>(), onDemandViews: new Array<string>(), services: new Array<ServiceRecord>(), versions: new Array<VersionRecord>() };
  const keepView = (kind: ViewKind, message: Uint8Array): void => keep(views[kind], readView(message, kind), project);
  const readers: Readonly<Record<number, (message: Uint8Array) => void>> = {
    1: (message) => keep(rest.entities, readEntity(message), project),
    5: (message) => (head.lastUpdated = integerOf(message, 1)),
    6: (message) => keepView('feature_view', message),
    7: (message) => keep(rest.services, readService(message), project),
    8: (message) => keep(rest.onDemandViews, nameOf(message), project),
    14: (message) => keepView('stream_feature_view', message),
    15: (message) => projects.add(textOf(message, 1)),
    17: (message) => projects.add(textOf(messageOf(message, 1), 1)),
    18: (message) => rest.versions.push(...readVersions(message, project)),
    19: (message) => keepView('label_view', message),
  };
  for (const field of readFields(file)) {
    if (field.number === 3) head.schemaVersion = text(field);
    else if (field.number === 4) head.versionId = text(field);
    else readers[field.number]?.(field.bytes);
    yield;
  }
  return { ...head, projects, ...rest, views: [...views.feature_view, ...views.stream_feature_view, ...views.label_view] };
}

/** A record together with the project that it belongs to. */
type Owned<T> = readonly [project: string, record: T];

const keep = <T>(records: T[], [owner, record]: Owned<T>, project: string): void => {
  if (owner === project) records.push(record);
};

const messageOf = (message: Uint8Array, wanted: number): Uint8Array => {
  let found: Uint8Array = new Uint8Array();
  for (const { number, bytes } of readFields(message)) if (number === wanted) found = bytes;
  return found;
};

const textOf = (message: Uint8Array, wanted: number): string => {
  let found = '';
  for (const field of readFields(message)) if (field.number === wanted) found = text(field);
  return found;
};

const integerOf = (message: Uint8Array, wanted: number): number => {
  let found = 0;
  for (const { number, integer } of readFields(message)) if (number === wanted) found = integer;
  return found;
};

/** Name and project of an on-demand view's spec. */
const nameOf = (message: Uint8Array): Owned<string> => {
  const spec = messageOf(message, 1);
  return [textOf(spec, 2), textOf(spec, 1)];
};

const readEntity = (message: Uint8Array): Owned<EntityRecord> => {
  let [name, project, joinKey, type] = ['', '', '', 0];
  for (const field of readFields(messageOf(message, 1))) {
    if (field.number === 1) name = text(field);
    else if (field.number === 2) type = field.integer;
    else if (field.number === 4) joinKey = text(field);
    else if (field.number === 9) project = text(field);
  }
  return [project, { name, joinKey, type }];
};

/** A long registry has tens of thousands of these: read without an object for each field. Tags are those of a text in field 1 and an enum in field 2. */
const readField = (message: Uint8Array): FieldRecord => {
  const reader = protobuf.Reader.create(message);
  let [name, type] = ['', 0];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === nameTag) name = reader.string();
    else if (tag === typeTag) type = reader.int32();
    else reader.skipType(tag & 7);
  }
  return { name, type };
};

const nameTag = (1 << 3) | 2;
const typeTag = 2 << 3;

/** Reads one view of a kind, with its project. */
export const readView = (message: Uint8Array, kind: ViewKind): Owned<ViewRecord> => {
  const layout: ViewLayout = layouts[kind];
  const entities: string[] = [];
  const features: FieldRecord[] = [];
  const columns: FieldRecord[] = [];
  let [name, project, declared, disabled] = ['', '', '', false];
  for (const field of readFields(messageOf(message, 1))) {
    if (field.number === 1) name = text(field);
    else if (field.number === 2) project = text(field);
    else if (field.number === 3) entities.push(text(field));
    else if (field.number === 4) features.push(readField(field.bytes));
    else if (field.number === layout.columns) columns.push(readField(field.bytes));
    else if (field.number === layout.version) declared = text(field);
    else if (field.number === layout.disabled) disabled = field.integer !== 0;
  }
  const { state, version } = kind === 'label_view' ? { state: 0, version: 0 } : readMeta(messageOf(message, 2));
  return [project, { name, entities, features, columns, disabled, state, version: presentVersion(version, declared) }];
};

const readMeta = (meta: Uint8Array): { version: number; state: number } => ({ version: integerOf(meta, 4), state: integerOf(meta, 6) });

/** Feast writes version 0 only for views whose version somebody has fixed. */
const presentVersion = (version: number, declared: string): number | undefined => {
  if (version > 0) return version;
  return declared !== '' && declared.toLowerCase() !== 'latest' ? 0 : undefined;
};

const readService = (message: Uint8Array): Owned<ServiceRecord> => {
  const projections: ProjectionRecord[] = [];
  let [name, project, precomputed] = ['', '', false];
  for (const field of readFields(messageOf(message, 1))) {
    if (field.number === 1) name = text(field);
    else if (field.number === 2) project = text(field);
    else if (field.number === 3) projections.push(readProjection(field.bytes));
    else if (field.number === 8) precomputed = field.integer !== 0;
  }
  return [project, { name, projections, precomputed }];
};

const readProjection = (message: Uint8Array): ProjectionRecord => {
  const features: FieldRecord[] = [];
  const joinKeyNames = new Map<string, string>();
  let [viewName, alias] = ['', ''];
  let versionTag: number | undefined;
  for (const field of readFields(message)) {
    if (field.number === 1) viewName = text(field);
    else if (field.number === 2) features.push(readField(field.bytes));
    else if (field.number === 3) alias = text(field);
    else if (field.number === 4) joinKeyNames.set(...mapEntry(field.bytes));
    else if (field.number === 10) versionTag = field.integer;
  }
  return { viewName, alias, features, joinKeyNames, versionTag };
};

const readVersions = (history: Uint8Array, project: string): VersionRecord[] => {
  const records: VersionRecord[] = [];
  for (const { number, bytes } of readFields(history)) if (number === 1) keep(records, readVersion(bytes), project);
  return records;
};

const readVersion = (message: Uint8Array): Owned<VersionRecord> => {
  let [viewName, project, number, kind] = ['', '', 0, ''];
  let view: Uint8Array = new Uint8Array();
  for (const field of readFields(message)) {
    if (field.number === 1) viewName = text(field);
    else if (field.number === 2) project = text(field);
    else if (field.number === 3) number = field.integer;
    else if (field.number === 4) kind = text(field);
    else if (field.number === 5) view = field.bytes;
  }
  return [project, { viewName, number, kind, view }];
};
