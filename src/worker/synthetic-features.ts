/**
 * The synthetic features that tests, benchmarks and local runs serve: the same for the same seed, in every store.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { encodeKeyNames, encodeKeyValue, keyType } from './feast/entity-key.ts';

export interface SyntheticFeatures {
  readonly project: string;
  /** Views `feature_view_0 …`. */
  readonly views: number;
  /** Features in all, `feature_0 …`, int64, dealt out to the views in order. */
  readonly features: number;
  /** Entities with the join key `entity`, int64, 0 to this number. */
  readonly entities: number;
  readonly seed: number;
}

/** The join key of all views. */
export const syntheticJoinKey = 'entity';
/** When all of it happened. */
export const syntheticTime = { year: 2026, month: 8, day: 1, hour: 12 } as const;

/** One view's features, the last one excluded. */
export interface SyntheticView {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** Names are those of the request bodies that Feast's own benchmarks use. */
export function syntheticViews({ views, features }: Pick<SyntheticFeatures, 'views' | 'features'>): SyntheticView[] {
  const perView = Math.ceil(features / views);
  return Array.from({ length: views }, (_, view) => ({
    name: `feature_view_${view}`,
    first: Math.min(view * perView, features),
    last: Math.min((view + 1) * perView, features),
  }));
}

/** Serialized entity key, without the project. */
export function syntheticKey(entity: number): Buffer {
  return Buffer.concat([encodeKeyNames([syntheticJoinKey]), encodeKeyValue(entity, keyType.int64).encoded]);
}

/** An int64 from 0 to 999,999 (`feast.types.Value` field 4), as in Feast's benchmarks: a hash, so that any subset is the same. */
export function syntheticValue(seed: number, entity: number, feature: number): Buffer {
  const digest = createHash('sha256').update(`${seed}:${entity}:${feature}`).digest();
  return Buffer.from([4 << 3, ...varint(digest.readUInt32LE(0) % 1_000_000)]);
}

/** A whole number below 2^53 in protobuf's form. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
