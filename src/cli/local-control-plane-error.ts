/**
 * The error of a control plane that cannot start.
 *
 * @module
 */

/** The message says why and what to do. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
}
