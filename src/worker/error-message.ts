/**
 * What to tell of something that was thrown.
 *
 * @module
 */

/** The message; the code or name of an error that has none. Errors of Node's own modules need not be of this realm's `Error`. */
export function errorMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown error';
}
