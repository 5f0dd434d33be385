/**
 * The bearer token: one for everybody, no roles.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { StatusError } from '../status-error.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A check of Authorization headers in constant time. It throws StatusError 401. */
export const createAuthenticator = (token: string): ((header: string | undefined) => void) => {
  const expected = digest(`Bearer ${token}`);
  return (header) => {
    if (!timingSafeEqual(digest(header ?? ''), expected)) {
      throw new StatusError(401, 'Unauthorized', 'Unauthorized: send the bearer token of the kubeconfig that the local run wrote');
    }
  };
};
