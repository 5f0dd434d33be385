/**
 * Where the built-in server answers otherwise than Feast on purpose. The table in docs/feast-compatibility.md has the same rows.
 *
 * @module
 */
import { meaningOf } from './meaning.ts';
import type { Difference } from './differential.ts';

export interface Intended {
  readonly what: string;
  readonly why: string;
  readonly applies: (difference: Difference) => boolean;
}

export const intended: readonly Intended[] = [
  {
    what: 'a float that JSON does not know is null and PRESENT',
    why: 'Feast answers 500 to the whole batch because of one cell',
    applies: ({ feast, ours }) => feast.status === 500 && feast.text.includes('Out of range float values are not JSON compliant') && ours.status === 200 && meaningOf(ours) !== undefined,
  },
  {
    what: 'NaN and Infinity in a request are no JSON: 422',
    why: "only Python's parser takes them, and no entity key can hold them",
    applies: ({ body, feast, ours }) => /[[,](NaN|-?Infinity)\b/.test(body) && feast.status === 500 && ours.status === 422,
  },
];

/** Whether the table above allows it. */
export const isIntended = (difference: Difference): boolean => intended.some(({ applies }) => applies(difference));
