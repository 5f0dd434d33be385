/**
 * The name of a pod template.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { PodTemplate } from './schema.ts';

/** Letters and digits that form no words, as in Kubernetes' names. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
};

/** Ten characters that depend on the content of the template and not on the order of its fields. */
export const templateHash = (template: PodTemplate): string => {
  const digest = createHash('sha256').update(JSON.stringify(sorted(template))).digest();
  return [...digest.subarray(0, 10)].map((byte) => alphabet[byte % alphabet.length]).join('');
};
