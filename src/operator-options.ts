/**
 * What the operator is told at its start.
 *
 * @module
 */
import type { OwnImages } from './core/featureserver/pinned-images.ts';
import type { ChildContext } from './core/specs/index.ts';
import type { Clock, Logger, ObjectKey, Random } from './runtime/ports.ts';
import type { RunningServer } from './telemetry/http-server.ts';
import type { LogOptions } from './telemetry/logger.ts';
import type { OperatorMetrics } from './telemetry/metrics.ts';

export interface OperatorOptions {
  /** A kubeconfig file; absent: as kubectl and pods find theirs. */
  kubeconfig?: string;
  context?: string;
  /** Only FeatureServers of this namespace; absent: all. */
  namespace?: string;
  http: { host: string; port: number };
  /** Absent: this process leads without asking. */
  election?: { lease: Required<ObjectKey>; leaseDurationMs?: number; renewDeadlineMs?: number; retryPeriodMs?: number };
  /** Where the operator keeps its own Secret. */
  operatorNamespace: string;
  operatorKeyFile?: string;
  ownImages: OwnImages;
  operatorPods: ChildContext['operator'];
  workers: number;
  log: LogOptions;
  /** A file to which every decision is appended, whole. */
  decisionsFile?: string;
  /** Told once the HTTP port is open. */
  onListening?(server: RunningServer): void;
}

/** What every part is given. */
export interface Platform {
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: OperatorMetrics;
}
