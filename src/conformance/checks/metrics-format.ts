import type { Check } from '../check.ts';
import { passUnless } from '../check.ts';
import { headerOf } from '../http.ts';
import { readExposition } from '../metrics/exposition.ts';

/** The page is one that a scraper can read. @module */
export const metricsFormat: Check = {
  name: 'metrics-format',
  title: 'GET /metrics is a page of the Prometheus text format',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    const answer = await subject.admin('/metrics');
    const page = readExposition(answer.text);
    const problems = page.mistakes.map((mistake) => ({ expected: 'every line is of the Prometheus text format', seen: mistake }));
    if (answer.status !== 200) problems.push({ expected: 'status 200', seen: String(answer.status) });
    if (!headerOf(answer, 'content-type').startsWith('text/plain')) problems.push({ expected: 'content type text/plain', seen: headerOf(answer, 'content-type') });
    if (page.samples.length === 0) problems.push({ expected: 'samples', seen: 'none' });
    for (const { name, value } of page.samples) {
      if (name.startsWith('worker_pool_') && !Number.isFinite(value)) problems.push({ expected: `${name} is a finite number`, seen: String(value) });
    }
    return passUnless(problems, `${page.samples.length} series, ${Buffer.byteLength(answer.text)} bytes`);
  },
};
