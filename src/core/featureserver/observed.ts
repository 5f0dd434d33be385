/**
 * Everything a reconcile decides from: one frozen value, taken before the first decision.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import type { Scale } from '../../api/featureserver-status.ts';
import type { childNames } from '../../api/names.ts';
import type { Recommendation } from '../autoscale/types.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import type { OtherAutoscaler } from './effective-mode.ts';
import type { Manifest } from './manifest.ts';
import type { PodFacts } from './pod-facts.ts';

/** What a child is for; also the key of its name in `childNames`. */
export type ChildRole = keyof ReturnType<typeof childNames>;

/** What is known of one child: the object, that there is none, or (Secrets only) that it was right when last looked at. */
export type ChildState = { kind: 'present'; object: Manifest } | { kind: 'absent' } | { kind: 'remembered' };

interface SizeRange {
  readonly min: number;
  readonly max: number;
}

/** A pod's answer to `GET /pool` or `PUT /pool`. */
export interface PoolReport {
  readonly generation: number;
  readonly threads: number;
  readonly processes: number;
  /** Which sizes it can change while it runs. */
  readonly live: { readonly threads: boolean; readonly processes: boolean };
  /** Which sizes it can have at all. */
  readonly limits: { readonly threads: SizeRange; readonly processes: SizeRange };
}

export interface Observed {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly featureServer: FeatureServer;
  readonly children: Readonly<Record<ChildRole, ChildState>>;
  readonly deployment: DeploymentFacts | null;
  /** Pods of the fleet, terminating ones included. */
  readonly pods: readonly PodFacts[];
  readonly others: readonly OtherAutoscaler[];
  readonly recommendation: { readonly at: number; readonly decidedOn: Scale; readonly recommendation: Recommendation } | null;
  /** Of the operator's Lease. */
  readonly leaseTransitions: number;
  /** What running pods last told about their pool, by pod name. */
  readonly pools: Readonly<Record<string, PoolReport>>;
  /** What is wrong with the Secret or ConfigMap of the feature store; null when nothing is known to be. */
  readonly featureStoreMissing: { readonly kind: 'Secret' | 'ConfigMap'; readonly message: string } | null;
}
