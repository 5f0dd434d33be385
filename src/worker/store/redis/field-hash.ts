/**
 * Names of the fields in Feast's Redis hashes. Layout: Feast's `infra/online_stores/helpers.py`, recorded in test/fixtures/feast/redis.json.
 *
 * @module
 */

/** MurmurHash3, x86, 32 bits (Austin Appleby's public-domain algorithm), unsigned. */
export function murmur3(bytes: Uint8Array, seed = 0): number {
  const tail = bytes.length & ~3;
  let hash = seed;
  for (let at = 0; at < tail; at += 4) {
    const block = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    hash ^= mix(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= tail; at--) rest = (rest << 8) | (bytes[at] ?? 0);
  if (tail < bytes.length) hash ^= mix(rest);
  return finish(hash ^ bytes.length);
}

function mix(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The field of a feature: four bytes. Two features of one hash may share one; Feast has that, too. */
export function featureField(view: string, feature: string): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(murmur3(Buffer.from(`${view}:${feature}`, 'utf8')), 0);
  return field;
}

/** The field of a view's event time. */
export function timestampField(view: string): Buffer {
  return Buffer.from(`_ts:${view}`, 'utf8');
}
