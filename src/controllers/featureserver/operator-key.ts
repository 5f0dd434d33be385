/**
 * The operator's key, from which the tokens of all pools are derived: from a file, or from a Secret that is made once.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fieldManagers, operatorObjects } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { textAt } from '../../core/featureserver/manifest.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { ApiClient, KubeObject } from '../../runtime/ports.ts';

const dataKey = 'key';
const keyBytes = 32;

/** The key cannot be used; the message says which and what to do. */
export class OperatorKeyError extends Error {
  override readonly name = 'OperatorKeyError';
}

/** Key from a file, at least 32 bytes. @throws OperatorKeyError */
export const operatorKeyFromFile = (path: string): Uint8Array => {
  try {
    return checked(readFileSync(path), `the operator key file ${path}`);
  } catch (error) {
    if (error instanceof OperatorKeyError) throw error;
    throw new OperatorKeyError(`the operator key file ${path} cannot be read: give a file of ${keyBytes} random bytes to --operator-key-file`, { cause: error });
  }
};

/** Reads the key from its Secret, or makes one; of two operators that make one at the same time the first wins. */
export const operatorKeyFromSecret = async (client: Pick<ApiClient, 'get' | 'create'>, namespace: string): Promise<Uint8Array> => {
  const what = `the Secret ${namespace}/${operatorObjects.keySecret}`;
  const existing = await read(client, namespace);
  if (existing !== undefined) return keyOf(existing, what);
  try {
    return keyOf(await client.create(resourceTypes.secret, newSecret(namespace), { fieldManager: fieldManagers.operator }), what);
  } catch (error) {
    const winner = isApiError(error, 'AlreadyExists') ? await read(client, namespace) : undefined;
    if (winner === undefined) throw error;
    return keyOf(winner, what);
  }
};

const read = async (client: Pick<ApiClient, 'get'>, namespace: string): Promise<KubeObject | undefined> => {
  try {
    return await client.get(resourceTypes.secret, { namespace, name: operatorObjects.keySecret });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
};

const newSecret = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: operatorObjects.keySecret, namespace },
  type: 'Opaque',
  data: { [dataKey]: randomBytes(keyBytes).toString('base64') },
});

const keyOf = (secret: KubeObject, what: string): Uint8Array => checked(Buffer.from(textAt(secret, 'data', dataKey) ?? '', 'base64'), what);

const checked = (key: Uint8Array, what: string): Uint8Array => {
  if (key.byteLength < keyBytes) throw new OperatorKeyError(`${what} holds ${key.byteLength} bytes; ${keyBytes} random ones are needed`);
  return key;
};
