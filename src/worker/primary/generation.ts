/**
 * What a `PUT /pool` means, given what is in force. Pure.
 *
 * @module
 */
import type { PoolChange, PoolConfig, PoolState } from '../../api/protocol.ts';

export type Verdict =
  | { kind: 'apply'; next: PoolConfig }
  /** The same generation with the same sizes: a repeated request, answered like the first. */
  | { kind: 'same' }
  | { kind: 'stale'; message: string }
  | { kind: 'outside'; message: string };

/**
 * Decides on a change. A lower generation comes from a deposed leader; an equal one with other sizes from two that both believe to lead.
 * @param current the configuration last accepted
 */
export function judgeChange(change: PoolChange, current: PoolConfig, limits: PoolState['limits']): Verdict {
  const next: PoolConfig = {
    threads: change.threads ?? current.threads,
    processes: change.processes ?? current.processes,
    generation: change.generation,
    objectiveMs: change.objectiveMs ?? current.objectiveMs,
  };
  if (change.generation < current.generation) {
    return { kind: 'stale', message: `generation ${change.generation} is older than ${current.generation}, which is in force; nothing was changed` };
  }
  if (change.generation === current.generation) {
    const same = next.threads === current.threads && next.processes === current.processes && next.objectiveMs === current.objectiveMs;
    if (same) return { kind: 'same' };
    return { kind: 'stale', message: `generation ${change.generation} is in force with another size; send a higher generation` };
  }
  const outside = tellOutside(next, limits);
  return outside === undefined ? { kind: 'apply', next } : { kind: 'outside', message: `${outside}; nothing was changed` };
}

/** Says which size is outside its limits; undefined when none is. */
export function tellOutside(sizes: Pick<PoolConfig, 'threads' | 'processes'>, limits: PoolState['limits']): string | undefined {
  const outside = (['threads', 'processes'] as const).find((knob) => sizes[knob] < limits[knob].min || sizes[knob] > limits[knob].max);
  return outside === undefined ? undefined : `${outside} ${sizes[outside]} is outside ${limits[outside].min} to ${limits[outside].max}`;
}
