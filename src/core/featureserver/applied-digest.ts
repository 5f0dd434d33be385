/**
 * A digest of what is sent for a child, kept on the child as an annotation. Together with field ownership it answers
 * "would this apply change anything?" without a request: the digest tells whether we want something else than last
 * time, ownership tells whether somebody has changed what we sent.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { annotations } from '../../api/names.ts';
import { appliedFields, covers } from './field-ownership.ts';
import { isRecord } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** JSON with sorted keys, so that equal objects have equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};

/** 16 hexadecimal digits: a change detector, not a secret. */
export const digest = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);

/** The object as it is sent: with the digest of itself as an annotation. */
export const withDigest = (object: Manifest): Manifest => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [annotations.applied]: digest(object) } },
});

/**
 * True when `actual` needs no apply: it bears the digest of `sent` (made by `withDigest`) and `manager` still owns
 * everything that was sent.
 */
export const isApplied = (sent: Manifest, actual: Manifest, manager: string): boolean => {
  if (actual.metadata.annotations?.[annotations.applied] !== sent.metadata.annotations?.[annotations.applied]) return false;
  const { annotations: sentAnnotations, labels, ownerReferences } = sent.metadata;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...body } = sent;
  const metadata = { annotations: sentAnnotations, labels, ...(ownerReferences === undefined ? {} : { ownerReferences }) };
  return covers(appliedFields(actual, manager), { ...body, metadata });
};
