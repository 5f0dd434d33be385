import { otherObjective, refusalCheck } from './put-refusal.ts';
import type { Refusal } from './put-refusal.ts';

const withHeader = (what: string, authorization: (token: string) => string | undefined): Refusal => ({
  what,
  status: 401,
  put: (subject, state) => subject.put(JSON.stringify({ objectiveMs: otherObjective(state), generation: state.generation + 1 }), authorization(subject.token)),
});

/** Who has no token changes nothing. @module */
export const putToken = refusalCheck({ name: 'put-token', title: 'PUT /pool without the token answers 401 and changes nothing' }, () => [
  withHeader('no token', () => undefined),
  withHeader('a wrong token', (token) => `Bearer ${token}x`),
  withHeader('half of the token', (token) => `Bearer ${token.slice(0, token.length / 2)}`),
  withHeader('an empty token', () => 'Bearer '),
  withHeader('the token of another scheme', (token) => `Basic ${token}`),
]);
