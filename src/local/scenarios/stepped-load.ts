/**
 * The load of a scenario: even, and from the cause on perhaps another one.
 *
 * @module
 */
import type { Trace } from '../load/trace.ts';
import type { Scenario } from './scenario.ts';

/** After an hour it begins anew. */
const lengthSeconds = 3600;

/** The load as a trace that passes second by second. */
export const steppedLoad = ({ load, atSeconds }: Pick<Scenario, 'load' | 'atSeconds'>): Trace => ({
  points: [
    { seconds: 0, rate: load.before },
    { seconds: atSeconds, rate: load.after },
  ],
  lengthSeconds,
});
