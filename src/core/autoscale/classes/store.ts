import { storeIsFull } from '../inner-wait.ts';
import type { Rule } from './rule.ts';

/** The store answers no more although more is asked of it at once. A store that is only far away answers more. @module */
export const store: Rule = {
  name: 'STORE',
  evidence: storeIsFull,
  isReachable: ({ store: time }) => time !== null,
  advice: () => 'the online store is the limit: make it larger, spread its keys, or ask less of it (fewer features a request, a cache in front); scaling.maxConcurrency protects it. Where the store itself is idle, the connection pool of its client is too small',
};
