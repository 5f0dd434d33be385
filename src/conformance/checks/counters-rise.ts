import type { Check } from '../check.ts';
import { passUnless } from '../check.ts';

const mostTold = 5;

/** Over all that the other checks did. @module */
export const countersRise: Check = {
  name: 'counters-rise',
  title: 'no counter has fallen or vanished in any scrape of this run',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    await subject.scrape();
    const { falls, pages } = subject.counters;
    const problems = falls.slice(0, mostTold).map(({ series, from, to, during }) => ({ expected: `${series} stays at ${from} or rises (during ${during})`, seen: to === undefined ? 'it left the page' : String(to) }));
    return passUnless(problems, `${pages} scrapes`);
  },
};
