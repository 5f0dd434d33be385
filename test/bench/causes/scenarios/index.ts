/**
 * Every scenario, in an order that has each cause early: a run that is cut short has seen them all.
 *
 * @module
 */
import type { Scenario } from '../scenario.ts';
import { cpuBound } from './cpu-bound.ts';
import { mixes } from './mixes.ts';
import { waiting } from './waiting.ts';

const groups: readonly (readonly Scenario[])[] = [...cpuBound, ...waiting];

const roundRobin = (): Scenario[] => {
  const rounds = Math.max(...groups.map((group) => group.length));
  return Array.from({ length: rounds }, (_, round) => groups.flatMap((group) => group[round] ?? [])).flat();
};

export const scenarios: readonly Scenario[] = [...roundRobin(), ...mixes];
