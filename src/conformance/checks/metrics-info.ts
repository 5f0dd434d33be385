import { poolMetrics } from '../../api/protocol.ts';
import type { Check } from '../check.ts';
import { passUnless } from '../check.ts';

const allowed: Readonly<Record<string, readonly string[]>> = {
  model: ['threads', 'processes', 'eventloop'],
  knob: ['threads', 'inflight'],
  gil: ['on', 'off', 'none'],
  queue_visible: ['true', 'false'],
};

/** What kind of pool it is, in the words of the page, and the same as `GET /pool` says. @module */
export const metricsInfo: Check = {
  name: 'metrics-info',
  title: 'worker_pool_info says what kind of pool this is, as GET /pool does',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    const [page, state] = [await subject.scrape(), await subject.state()];
    const series = page.series(poolMetrics.info);
    const labels = series[0]?.labels ?? new Map<string, string>();
    const problems = Object.entries(allowed)
      .filter(([label, values]) => !values.includes(labels.get(label) ?? ''))
      .map(([label, values]) => ({ expected: `${label} is ${values.join(' or ')}`, seen: String(labels.get(label)) }));
    if (series.length !== 1 || series[0]?.value !== 1) problems.push({ expected: 'one series of the value 1', seen: `${series.length} series, the first ${series[0]?.value}` });
    for (const label of ['runtime', 'version']) if ((labels.get(label) ?? '') === '') problems.push({ expected: `${label} is not empty`, seen: String(labels.get(label)) });
    for (const key of ['model', 'knob', 'gil'] as const) {
      if (labels.get(key) !== state[key]) problems.push({ expected: `${key} is the same as in GET /pool, ${state[key]}`, seen: String(labels.get(key)) });
    }
    return passUnless(problems, [...labels].map(([name, value]) => `${name}=${value}`).join(' '));
  },
};
