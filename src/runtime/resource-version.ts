/**
 * Comparing resource versions. They are decimal numbers of any length for all resources kept in etcd (Kubernetes
 * documents the comparison since 1.35); anything else is not compared.
 *
 * @module
 */

const DECIMAL = /^\d{1,40}$/;

/** True when both are decimal and `candidate` is older than `reference`; false when newer, equal, or not comparable. */
export const isOlderVersion = (candidate: string, reference: string): boolean =>
  DECIMAL.test(candidate) && DECIMAL.test(reference) && BigInt(candidate) < BigInt(reference);
