/**
 * The error that ends retrying.
 *
 * @module
 */

/** An error that no retry can heal. The key is not retried until something about it changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
