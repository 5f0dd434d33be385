/**
 * What a Feast registry says that a read of features needs. Values are Feast's own; names are as users wrote them.
 *
 * @module
 */

/** A join key with Feast's `ValueType` number (1 bytes, 2 string, 3 int32, 4 int64, 8 unix timestamp). */
export interface JoinKey {
  readonly name: string;
  readonly type: number;
}

/** A feature view as it is served. Feast serves one whose `online` is false, too: it only never fills it. */
export interface FeatureView {
  readonly name: string;
  /** The name that the online store knows it by; differs from `name` where Feast's versioned views are in use. */
  readonly storedName: string;
  /** Sorted by name, as in a serialized entity key. A view without entities has the single key `__dummy_id`. */
  readonly joinKeys: readonly JoinKey[];
  /** Features by name, with Feast's `ValueType` number, in the order of the registry. */
  readonly features: ReadonlyMap<string, number>;
}

/** A view with all that a request is checked against. */
export interface DefinedView extends FeatureView {
  /** Names of its entities. */
  readonly entities: readonly string[];
  /** Its entity columns with their `ValueType` number: how values of a request are read. */
  readonly columns: ReadonlyMap<string, number>;
  /** Feast's sentence where the registry says that the view is not to be served now. */
  readonly refusal: string | undefined;
}

/** One view's part of a feature service. */
export interface Projection {
  /** The name by which the service means the view; `view` is undefined when the project has none of that name. */
  readonly viewName: string;
  readonly view: DefinedView | undefined;
  /** What `full_feature_names` puts before each feature: the alias or the view's name, and `@v2` behind it for a version. */
  readonly shownName: string;
  readonly features: readonly string[];
  /** From the view's join key to the name that requests use, where a service renames it. */
  readonly joinKeyNames: ReadonlyMap<string, string>;
  /** Feast's sentence where the service wants what the view no longer has. */
  readonly refusal: string | undefined;
}

/** All that requests are planned with; replaced as a whole when the registry changes. */
export interface Definitions {
  readonly project: string;
  readonly views: ReadonlyMap<string, DefinedView>;
  readonly services: ReadonlyMap<string, readonly Projection[]>;
  /** The join key of each entity of the project, by the entity's name. */
  readonly entities: ReadonlyMap<string, JoinKey>;
  /** Views of the past by `name@v2`; undefined where Feast's versioned views are not in use. */
  readonly versions: ReadonlyMap<string, DefinedView> | undefined;
}
