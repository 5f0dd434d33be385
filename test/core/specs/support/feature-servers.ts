/** FeatureServers for tests of the builders: through the schema, so that defaults are the real ones. */
import { apiVersion, featureServerSchema } from '../../../../src/api/featureserver.ts';
import type { FeatureServer } from '../../../../src/api/featureserver.ts';
import { poolToken } from '../../../../src/core/specs/index.ts';
import type { ChildContext } from '../../../../src/core/specs/index.ts';

const uid = '0b0ddf2b-27c4-4b4e-9c7a-6a0f2f0c2c11';

/** The least spec with the built-in server, and what `spec` says over it. */
export const featureServer = (spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): FeatureServer =>
  featureServerSchema.parse({
    apiVersion,
    kind: 'FeatureServer',
    metadata: { name: 'ranking', namespace: 'team', uid, resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: { objective: { p95: '30ms' }, server: { builtin: { featureStore: { secret: { name: 'store' } } } }, ...spec },
  });

export const customServer = { server: { custom: { image: 'example.com/server:1', command: ['serve'], args: ['--fast'] } } };

export const context = (changes: Partial<ChildContext> = {}): ChildContext => ({
  images: { image: 'example.com/plateau:1.0.0', poolImage: 'example.com/plateau-pool:1.0.0' },
  pool: { threads: 8, processes: 1, generation: 0, objectiveMs: 30 },
  token: poolToken(new Uint8Array(32).fill(7), uid),
  operator: { namespace: 'plateau-system', podLabels: { 'app.kubernetes.io/name': 'plateau' } },
  ...changes,
});
