/**
 * Writes synthetic features into Redis in Feast's layout.
 *
 * @module
 */
import { Redis } from 'ioredis';
import { featureField, timestampField } from './store/redis/field-hash.ts';
import { syntheticKey, syntheticTime, syntheticValue, syntheticViews, varint } from './synthetic-features.ts';
import type { SyntheticFeatures } from './synthetic-features.ts';

/** Hashes in one pipeline. */
const batch = 500;

/**
 * Writes one hash an entity; what else the hashes hold stays.
 * @param url `redis://[user:password@]host:port[/db]`, or `rediss:`
 * @throws Error when the server cannot be reached or refuses
 */
export async function loadSyntheticRedis(url: string, wanted: SyntheticFeatures): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let reason: unknown;
  client.on('error', (error: unknown) => (reason ??= error));
  try {
    await client.connect();
    for (let first = 0; first < wanted.entities; first += batch) await writeBatch(client, wanted, first);
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

async function writeBatch(client: Redis, wanted: SyntheticFeatures, first: number): Promise<void> {
  const project = Buffer.from(wanted.project, 'utf8');
  const views = syntheticViews(wanted).map(({ name, first: from, last }) => ({
    timestamp: timestampField(name),
    fields: Array.from({ length: last - from }, (_, index) => ({ feature: from + index, field: featureField(name, `feature_${from + index}`) })),
  }));
  const time = storedTime();
  const pipeline = client.pipeline();
  for (let entity = first; entity < Math.min(first + batch, wanted.entities); entity++) {
    const cells = views.flatMap(({ timestamp, fields }) => [timestamp, time, ...fields.flatMap(({ feature, field }) => [field, syntheticValue(wanted.seed, entity, feature)])]);
    pipeline.hset(Buffer.concat([syntheticKey(entity), project]), ...cells);
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
}

/** `google.protobuf.Timestamp`. */
function storedTime(): Buffer {
  const { year, month, day, hour } = syntheticTime;
  return Buffer.from([8, ...varint(Date.UTC(year, month - 1, day, hour) / 1000)]);
}
