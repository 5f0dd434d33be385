/**
 * The bearer token with which the operator changes a pool, and the Secret that brings it to the pods.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, mountPaths } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { child } from './child.ts';
import type { Child } from './child.ts';

/** Key of the token in the Secret. */
const poolTokenKey = mountPaths.tokenFile.slice(mountPaths.token.length + 1);

/**
 * Token of one fleet: HMAC-SHA256 of the object's UID under the operator's key, 64 hexadecimal digits. Derived and not stored,
 * so that the operator never reads a Secret to know it; the UID makes that of a deleted object worthless for its successor.
 *
 * @throws RangeError for a key under 32 bytes: a short key can be guessed from one token.
 */
export const poolToken = (operatorKey: Uint8Array, uid: string): string => {
  if (operatorKey.byteLength < 32) throw new RangeError(`the operator's key has ${operatorKey.byteLength} bytes; it needs at least 32 random ones`);
  return createHmac('sha256', operatorKey).update(`plateau-pool-token/${uid}`).digest('hex');
};

/** `data` and not `stringData`: the API server turns the latter into the former, and an equal apply would not be equal any more. */
export const poolTokenSecret = (featureServer: FeatureServer, token: string): Child =>
  child(
    featureServer,
    { role: 'poolToken', type: resourceTypes.secret, name: childNames(featureServer.metadata.name).poolToken, component: 'pool' },
    { type: 'Opaque', data: { [poolTokenKey]: Buffer.from(token, 'utf8').toString('base64') } },
  );
