/**
 * What the server knows of a kind.
 *
 * @module
 */
import type { ResourceType } from '../../../runtime/ports.ts';
import type { Fields } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import type { Cause } from '../status-error.ts';

/** One column of `kubectl get`. Priority 0 is always shown, higher ones with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  /** The cell; undefined prints as `<none>` or stays empty, as kubectl decides. */
  readonly value: (object: Fields, now: number) => unknown;
}

/** Where `/scale` reads and writes. Paths are field names from the root. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A label selector as text, or the LabelSelector object of a built-in kind. */
  readonly selector?: readonly string[];
}

/** What a kind does beyond its schema. Every function may change the object it is given: it is the server's own copy. */
export interface KindStrategy {
  /** Fills defaults; called at every write, before validation. Must be idempotent. */
  readonly fillDefaults?: (object: Fields) => void;
  /** Called once, before the object is stored for the first time. */
  readonly beforeCreate?: (object: Fields) => void;
  /** Called before an update of the main resource: what a writer cannot change is taken from `old`. */
  readonly beforeUpdate?: (object: Fields, old: Fields) => void;
  /** What the schema cannot say. `old` is absent when the object is created. */
  readonly validate?: (object: Fields, old?: Fields) => readonly Cause[];
  /** Whether `metadata.generation` is counted: on a change of anything but metadata and status. */
  readonly countsGeneration: boolean;
  /** Deployments count a change of their annotations, too: these are copied to ReplicaSets. */
  readonly countsAnnotations?: boolean;
}

export interface KindDefinition {
  readonly type: ResourceType;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  readonly schema: Schema;
  /** Custom resources default and prune by schema, built-in kinds by code. */
  readonly custom: boolean;
  readonly columns: readonly Column[];
  /** Field selectors beside metadata.name and metadata.namespace, as dotted paths. */
  readonly selectableFields: readonly string[];
  readonly strategy: KindStrategy;
  /** The OpenAPI schema to show, for `kubectl explain`. */
  readonly openApi: () => Fields;
  readonly openApiName: string;
}

/** `group/version`, or the version alone in the core group. */
export const apiVersionOf = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** Identifies a resource in maps. */
export const resourceKey = ({ group, plural }: Pick<ResourceType, 'group' | 'plural'>): string => `${plural}.${group}`;
