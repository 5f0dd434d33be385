/**
 * The policy that never moves.
 *
 * @module
 */
import type { Policy } from '../policy.ts';

export const fixed = (): Policy => ({
  name: 'static',
  periodSeconds: 60,
  scrapeSeconds: null,
  decide: ({ scale }) => ({ scale, reason: 'Static', inputs: {} }),
});
