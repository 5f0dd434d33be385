/**
 * A kind of server that `npm start -- --runtime NAME` runs the main job with.
 *
 * @module
 */
import type { LocalImage } from '../kubelet/images.ts';
import type { LocalStore } from './local-store.ts';

/**
 * The size of the demonstration. The pool begins at a third of what the trace needs at its start, and ends short of what it needs at
 * its height, so that each server sees the same drama: a pool that is too small, then one that has outgrown its pod.
 */
export interface RuntimeScale {
  /** Multiplies the rates of the trace. Chosen by the CPU of a request, so that the height takes about a quarter of a core. */
  readonly trace: number;
  /** Threads of each process, or its in-flight limit. */
  readonly threads: { readonly min: number; readonly initial: number; readonly max: number };
  readonly processes: { readonly min: number; readonly max: number };
}

/** What was found or built on this machine. */
export interface PreparedRuntime {
  /** By name of the repository. */
  readonly images: ReadonlyMap<string, LocalImage>;
  /** `spec.server` of the FeatureServer, with environment, over a store that runs. */
  server(store: LocalStore): RuntimeServer;
}

export interface RuntimeServer {
  readonly server: Record<string, unknown>;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

export interface Runtime {
  readonly scale: RuntimeScale;
  /** Finds or builds what it needs, before anything starts. @throws MissingTool */
  prepare(progress: (line: string) => void): Promise<PreparedRuntime>;
}
