/**
 * What the primary and its serving processes say to each other over the IPC channel.
 *
 * @module
 */
import type { DefinitionsPart } from './definitions/definitions-transfer.ts';
import type { Snapshot } from './metrics/snapshot.ts';
import type { StoreConfig } from './store/store-config.ts';

/** What a serving process is started with; travels as JSON in one environment variable. */
export interface ServingSettings {
  project: string;
  store: StoreConfig;
  /** Longest wait for the store, milliseconds. */
  storeTimeoutMs: number;
  missingEntities: 'feast' | 'not-found';
  knobs: Knobs;
  maxBodyBytes: number;
  maxConnectionAgeMs: number;
  keepAliveTimeoutMs: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  idleDrainMs: number;
  storeDelayMs: number;
  storeDelaySigma: number;
  cpuBurnMs: number;
  queueWaitMs: number;
}

/** What changes while the process serves. */
export interface Knobs {
  /** Requests that the process holds at once. */
  inflight: number;
  /** Requests that may wait beyond that. */
  queue: number;
  objectiveMs: number;
}

export type ToServing =
  /** Comes with the connection's socket. */
  | { type: 'connection'; id: number; acceptedAt: number }
  | { type: 'configure'; id: number; knobs: Knobs }
  | { type: 'report'; id: number }
  /** Close this share of the connections at their next answer, so that new processes get theirs. */
  | { type: 'rebalance'; share: number }
  /** Keep accepting, but close each connection at its next answer: the pod will stop soon. */
  | { type: 'lastAnswers' }
  /** A piece of the registry, newer than what came before; requests wait for the first one. */
  | DefinitionsPart
  /** Stop accepting, finish, exit. */
  | { type: 'retire' };

export type FromServing =
  | { type: 'serving' }
  /** The connection is here; the next one may come. */
  | { type: 'taken'; id: number }
  | { type: 'configured'; id: number }
  | { type: 'report'; id: number; snapshot: Snapshot }
  | { type: 'retiring' };

/** Name of the variable that carries `ServingSettings`. */
export const settingsVariable = 'PLATEAU_SERVING_SETTINGS';

/** Whether a message is one of ours. */
export function isFromServing(message: unknown): message is FromServing {
  return isTyped(message, ['serving', 'taken', 'configured', 'report', 'retiring']);
}

/** As `isFromServing`, in the other direction. */
export function isToServing(message: unknown): message is ToServing {
  return isTyped(message, ['connection', 'configure', 'report', 'rebalance', 'lastAnswers', 'definitions', 'retire']);
}

function isTyped(message: unknown, types: readonly string[]): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && types.includes(String(message.type));
}
