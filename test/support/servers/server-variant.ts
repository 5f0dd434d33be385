/**
 * What a server needs to be started over the synthetic features in Redis. Ports, pool and token come by the protocol's environment.
 *
 * @module
 */
import type { SyntheticStore } from './synthetic-store.ts';

/** The command line and the variables of one server. */
export interface ServerCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ServerVariant {
  readonly name: string;
  /** What the server's own account of itself must say. */
  readonly model: 'threads' | 'processes' | 'eventloop';
  readonly gil: 'on' | 'off' | 'none';
  /** Whether the main knob and the processes change while it serves. */
  readonly live: { readonly threads: boolean; readonly processes: boolean };
  /** Most processes that make sense for it here; 1 where it has one. */
  readonly mostProcesses: number;
  /** Builds or finds what it needs. @throws MissingTool */
  prepare(store: SyntheticStore, progress: (line: string) => void): Promise<ServerCommand>;
  /** Flags for connections that end after two seconds, for tests of their age. */
  readonly shortConnectionAge: readonly string[];
}
