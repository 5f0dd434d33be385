import { refusalCheck } from './put-refusal.ts';
import type { Refusal } from './put-refusal.ts';

const withBody = (what: string, status: number, body: (next: number) => string): Refusal => ({
  what,
  status,
  put: (subject, state) => subject.put(body(state.generation + 1), `Bearer ${subject.token}`),
});

const shape = (what: string, body: (next: number) => unknown): Refusal => withBody(what, 422, (next) => JSON.stringify(body(next)));

/** Garbage is refused, and told apart from what is only of a wrong shape. @module */
export const putBody = refusalCheck({ name: 'put-body', title: 'PUT /pool with garbage answers 400 or 422 and changes nothing' }, () => [
  withBody('no body', 400, () => ''),
  withBody('no JSON', 400, () => 'threads=4'),
  withBody('half a JSON object', 400, () => '{"threads": 4, "gener'),
  shape('a list', () => []),
  shape('null', () => null),
  shape('no generation', () => ({ objectiveMs: 55 })),
  shape('a generation below 0', () => ({ generation: -1 })),
  shape('a generation that is a text', (next) => ({ generation: String(next), objectiveMs: 55 })),
  shape('half a thread', (generation) => ({ generation, threads: 1.5 })),
  shape('threads that are a text', (generation) => ({ generation, threads: '4' })),
  shape('an objective of 0', (generation) => ({ generation, objectiveMs: 0 })),
]);
