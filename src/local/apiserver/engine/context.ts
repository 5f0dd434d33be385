/**
 * What the server is made of, and what every write carries.
 *
 * @module
 */
import type { KindRegistry } from '../kinds/registry.ts';
import type { Storage } from '../storage/storage.ts';

export interface EngineParts {
  readonly storage: Storage;
  readonly kinds: KindRegistry;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  readonly newUid: () => string;
  /** Uniform in [0, 1): the suffix of generated names. */
  readonly random: () => number;
}

export type Subresource = '' | 'status';

export interface WriteContext {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly subresource: Subresource;
  /** What happens to fields that the schema does not know: refused, dropped with a warning, dropped. */
  readonly unknownFields: 'Strict' | 'Warn' | 'Ignore';
  /** Sentences for the client's `Warning` headers. */
  readonly warnings: string[];
}

/** Where an object is. `namespace` is '' for cluster-scoped kinds. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

/** RFC 3339 with whole seconds, as all server times are. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/u, 'Z');
