/**
 * What the parts of a `feature_store.yaml` are checked with. Messages name keys and never values that may be secret.
 *
 * @module
 */

export type Mapping = Readonly<Record<string, unknown>>;

/** Where problems and notes are gathered: every one is told at once. */
export interface Findings {
  /** Sentences: what cannot be served, and the remedy. */
  readonly problems: string[];
  /** Sentences: what is not honoured though serving goes on. */
  readonly notes: string[];
}

/** Whether a value is a YAML mapping. */
export const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Tells each key of a mapping that is not among the known ones; Feast refuses such keys, too. An unquoted text with a comma falls
 * apart into keys without values, and such a piece may be half a password: it is not shown.
 */
export const refuseUnknownKeys = (section: Mapping, name: string, known: ReadonlySet<string>, { problems }: Findings): void => {
  for (const [key, value] of Object.entries(section)) {
    if (known.has(key)) continue;
    if (value === null || !/^[A-Za-z][A-Za-z0-9_]*$/.test(key)) problems.push(`\`${name}\` has a key that is none, or has no value; put quotes around texts with commas, or remove it`);
    else problems.push(`\`${name}.${key}\` is not known; remove it or correct its spelling`);
  }
};
