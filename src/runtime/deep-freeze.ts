/**
 * Freezing of JSON values.
 *
 * @module
 */

/** Freezes a JSON value with everything below it and returns it. Parts that are frozen already are not entered again. */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
};
