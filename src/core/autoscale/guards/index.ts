/**
 * The guard rails in their order: what may not shrink, what may not grow, one knob at a time, then the hard limits.
 *
 * @module
 */
import type { GuardRail } from '../situation.ts';
import { noWorse, notInVain, notUnseen } from './lessons.ts';
import { withinBounds, withinConcurrency } from './limits.ts';
import { oneKnob } from './one-knob.ts';
import { downRate, notAfterRestart, notInRollout, notWhileUnready, onlyWhenEnabled, stabilized } from './replicas-down.ts';
import { notBeforeLastBatch, notWhileBlocked, upRate } from './replicas-up.ts';

/** A later guard sees what the earlier ones left. */
export const guardRails: readonly GuardRail[] = [
  notWhileUnready,
  notInRollout,
  onlyWhenEnabled,
  notAfterRestart,
  stabilized,
  downRate,
  notWhileBlocked,
  notInVain,
  notBeforeLastBatch,
  upRate,
  notUnseen,
  noWorse,
  // Before the choice of the knob too: threads that the limits leave no room for must not keep pods from moving.
  withinBounds,
  withinConcurrency,
  oneKnob,
  withinBounds,
  withinConcurrency,
];
