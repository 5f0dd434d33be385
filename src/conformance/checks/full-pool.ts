import type { Check } from '../check.ts';
import { passUnless } from '../check.ts';
import { overload } from '../facts.ts';

/** What the operator waits for a page, ms. */
const boundMs = 2000;

/** A pool that is full of requests still says how it is. @module */
export const fullPool: Check = {
  name: 'full-pool',
  title: 'a full pool starves none of /healthz, /readyz, /metrics and /pool',
  section: 'GET /healthz, GET /readyz',
  run: async (session) => {
    const { slowest, clients } = await overload(session);
    const problems = [...slowest]
      .filter(([, tookMs]) => !(tookMs <= boundMs))
      .map(([path, tookMs]) => ({ expected: `GET ${path} answers 200 within ${boundMs / 1000} s while ${clients} clients ask`, seen: tookMs === Infinity ? 'another status, or no answer' : `${tookMs.toFixed(0)} ms` }));
    return passUnless(problems, `slowest ${Math.max(...slowest.values()).toFixed(0)} ms with ${clients} clients`);
  },
};
