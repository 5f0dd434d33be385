/**
 * What a scenario is: a server, a load, and a cause that is known because it is made.
 *
 * @module
 */
import type { BottleneckClass } from '../../../src/api/featureserver-status.ts';

export const serverNames = ['waitress', 'gunicorn', 'uvicorn', 'free-threaded', 'builtin', 'go'] as const;
export type ServerName = (typeof serverNames)[number];

/** Load of one phase: a share of the capacity that a closed loop found before, or so many clients that each wait for their answer. */
export type Rate = { readonly share: number } | { readonly clients: number };

/** A store of so many places that each take so long, ms; more requests wait. Null places: as many as are asked at once. */
export interface StoreBehaviour {
  readonly places: number | null;
  readonly serviceMs: number;
}

/** What a request of the Python applications does. */
export interface AppSettings {
  readonly cpu?: 'json' | 'python' | 'native';
  readonly cpuMs: number;
  /** Connections to the store; as many as are wanted when absent. */
  readonly connections?: { readonly size: number; readonly declared?: boolean; /** The wait counts as store time, as with redis-py. */ readonly inStore?: boolean };
  /** A lock with so many places that is held for so long. */
  readonly lock?: { readonly places: number; readonly heldMs: number; readonly declared?: boolean };
}

export interface Setting {
  readonly server: ServerName;
  readonly size: { readonly threads: number; readonly processes: number };
  /** Processes that the law may go up to; those of the size when absent. */
  readonly mostProcesses?: number;
  /** Threads that the law may go up to, where more of them would end the cause before it has lasted. */
  readonly mostThreads?: number;
  /** How long the cause lasts at least, seconds: longer where it takes an experiment to tell. */
  readonly seconds?: number;
  /** What requests do: the Python applications' settings, or entities x features of the other servers. */
  readonly work: AppSettings | string;
  /** Before and during the cause. */
  readonly store?: { readonly before: StoreBehaviour; readonly during?: StoreBehaviour };
  /** The core that the server is bound to. */
  readonly core?: number;
  /** Cores of a quota of a cgroup. Needs root. */
  readonly quota?: number;
  /** Programs that begin to use the server's core with the cause. */
  readonly hogs?: number;
  /** What the law is told, cores. Absent: the quota, else the core, else the machine. */
  readonly coreLimit?: number | null;
  readonly load: { readonly before?: Rate; readonly during: Rate };
}

export interface Scenario extends Setting {
  readonly name: string;
  /** Null: a mix, whose truth is measured. */
  readonly truth: BottleneckClass | null;
  /** Thresholds are trained on some and reported on the others. */
  readonly split: 'training' | 'held-out';
  /** Of a mix: the setting without one cause, by the cause. */
  readonly without?: Partial<Record<BottleneckClass, Partial<Setting>>>;
}

/** Load of the time before the cause, unless a scenario says otherwise. */
export const quietLoad: Rate = { share: 0.25 };

/** The part of Kubernetes' CPU limit that this setting stands for, cores; null without one. */
export const coreLimitOf = ({ coreLimit, quota, core }: Setting, cores: number): number | null => {
  if (coreLimit !== undefined) return coreLimit;
  return quota ?? (core === undefined ? cores : 1);
};
