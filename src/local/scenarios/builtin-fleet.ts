/**
 * What scenarios on the built-in server share: they need nothing but Node.
 *
 * @module
 */
import type { PreparedScenario, Stage } from './scenario.ts';

/** A scenario whose manifest is all that there is to prepare. */
export const onlyManifest = (stage: Stage): PreparedScenario => ({ images: new Map(), stage: () => Promise.resolve(stage) });
