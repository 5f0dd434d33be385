/**
 * The Lease object (coordination.k8s.io/v1) that leaders write, as a value.
 *
 * @module
 */
import type { KubeObject, ObjectKey, ResourceType } from './ports.ts';

export const leaseType: ResourceType = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true };

export interface LeaseRecord {
  /** `''`: nobody holds it. */
  readonly holder: string;
  readonly durationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly transitions: number;
}

/**
 * RFC 3339 with exactly six digits of a second: the API server parses MicroTime with a fixed layout and refuses the three
 * digits of `toISOString` (kubernetes-client/javascript#828).
 */
export const microTime = (epochMs: number): string => new Date(epochMs).toISOString().replace('Z', '000Z');

/** Reads the spec of a Lease; what is missing or of a wrong type reads as empty or 0, like a lease nobody holds. */
export const readLease = (lease: KubeObject): LeaseRecord => {
  const spec = isRecord(lease['spec']) ? lease['spec'] : {};
  return {
    holder: text(spec['holderIdentity']),
    durationSeconds: count(spec['leaseDurationSeconds']),
    acquireTime: text(spec['acquireTime']),
    renewTime: text(spec['renewTime']),
    transitions: count(spec['leaseTransitions']),
  };
};

/** A Lease with this record. `previous` keeps its metadata, and with the resourceVersion the optimistic lock. */
export const writeLease = (key: ObjectKey, record: LeaseRecord, previous?: KubeObject): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: previous === undefined ? { ...key } : { ...previous.metadata },
  spec: {
    // An empty holder is refused by the API server; a free lease has none.
    ...(record.holder === '' ? {} : { holderIdentity: record.holder }),
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: record.acquireTime,
    renewTime: record.renewTime,
    leaseTransitions: record.transitions,
  },
});

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0);
