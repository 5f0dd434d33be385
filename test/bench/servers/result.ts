/**
 * What the benchmark writes down.
 *
 * @module
 */
import type { Cost } from './parts/cost.ts';
import type { FarStore } from './parts/far-store.ts';
import type { Memory } from './parts/memory.ts';
import type { PlateauPoint } from './parts/plateau.ts';
import type { Resizes } from './parts/resize.ts';

export interface ServersResult {
  readonly bench: 'servers';
  readonly at: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly secondsEach: number;
  /** What a reader must know of this run, shown on the page. */
  readonly note?: string;
  /** Servers that failed in a part, with the reason. */
  readonly failures: readonly string[];
  readonly costs?: readonly Cost[];
  readonly farStore?: readonly FarStore[];
  readonly plateaus?: readonly PlateauPoint[];
  readonly resizes?: readonly Resizes[];
  readonly memory?: readonly Memory[];
}
