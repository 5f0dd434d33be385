/**
 * What a run of conformance is told.
 *
 * @module
 */
import type { Address } from './server/store-switch.ts';

/** A server that runs already. */
export interface RunningTarget {
  readonly kind: 'running';
  readonly adminUrl: string;
  readonly servingUrl: string | undefined;
  readonly token: string | undefined;
  /** Its main process, for SIGTERM and for killing one of its children. */
  readonly pid: number | undefined;
}

/** A command that starts the server with nothing but the protocol's environment. */
export interface CommandTarget {
  readonly kind: 'command';
  readonly argv: readonly string[];
}

export type StoreControl =
  | { readonly kind: 'proxy'; readonly listen: Address; readonly target: Address }
  | { readonly kind: 'commands'; readonly down: string; readonly up: string };

export interface ConformanceOptions {
  readonly target: RunningTarget | CommandTarget;
  /** Of feature requests. */
  readonly path: string;
  /** Body of each request; null: synthetic 1x50 requests. */
  readonly body: string | null;
  readonly store: StoreControl | undefined;
  /** The maximum age of connections that the server was started with, ms. */
  readonly connectionAgeMs: number | undefined;
  /** Shorter loads, and no check that is marked slow. */
  readonly quick: boolean;
  /** Names of the checks to run; empty: all. */
  readonly only: readonly string[];
  /** Longest way up of a server that is started here, ms. */
  readonly startTimeoutMs: number;
  /** The pod's grace period: the longest way down, ms. */
  readonly terminationGraceMs: number;
}
