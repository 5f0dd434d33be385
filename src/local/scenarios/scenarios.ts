/**
 * Every scenario that `npm start -- --scenario NAME` shows, in the order in which they are told.
 *
 * @module
 */
import { deploy } from './deploy.ts';
import { gil } from './gil.ts';
import { lock } from './lock.ts';
import { loop } from './loop.ts';
import { neighbour } from './neighbour.ts';
import type { Scenario } from './scenario.ts';
import { store } from './store.ts';
import { threads } from './threads.ts';
import { throttled } from './throttled.ts';

export const scenarios = { gil, loop, store, threads, throttled, lock, deploy, neighbour } as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames: readonly ScenarioName[] = Object.keys(scenarios).filter((name): name is ScenarioName => name in scenarios);
