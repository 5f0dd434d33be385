/**
 * Background work that loses a race.
 *
 * @module
 */
import { StatusError } from '../status-error.ts';

/** Runs a write and swallows its refusal: somebody else was faster, and the next round sees what is left. */
export const quietly = (act: () => unknown): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
};
