import * as z from 'zod';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import { describe } from '../http.ts';

const readySchema = z.looseObject({ status: z.enum(['ready', 'degraded', 'not ready']), reason: z.string().optional() });

const statusIn = (text: string): z.infer<typeof readySchema> | undefined => {
  try {
    return readySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** Live and ready, in the page's words. @module */
export const health: Check = {
  name: 'health',
  title: 'GET /healthz answers 200, GET /readyz 200 with its status as JSON',
  section: 'GET /healthz, GET /readyz',
  run: async ({ subject }) => {
    const [live, ready] = [await subject.admin('/healthz'), await subject.admin('/readyz')];
    const problems: Problem[] = [];
    if (live.status !== 200) problems.push({ expected: 'GET /healthz answers 200', seen: describe(live) });
    if (ready.status !== 200) problems.push({ expected: 'GET /readyz answers 200', seen: describe(ready) });
    const status = statusIn(ready.text)?.status;
    if (status !== 'ready') problems.push({ expected: 'GET /readyz answers {"status":"ready"}', seen: describe(ready) });
    return passUnless(problems, 'live and ready');
  },
};
