import { otherObjective, refusalCheck } from './put-refusal.ts';

/** A deposed leader cannot win, nor can two that believe to lead. @module */
export const putGeneration = refusalCheck({ name: 'put-generation', title: 'PUT /pool with a stale generation answers 409 and changes nothing' }, () => [
  { what: 'an older generation', status: 409, put: (subject, state) => subject.putChange({ generation: state.generation - 1, objectiveMs: otherObjective(state) }) },
  { what: 'generation 0', status: 409, put: (subject, state) => subject.putChange({ generation: 0, objectiveMs: state.objectiveMs }) },
  { what: 'the same generation and another objective', status: 409, put: (subject, state) => subject.putChange({ generation: state.generation, objectiveMs: otherObjective(state) }) },
  { what: 'the same generation and other threads', status: 409, put: (subject, state) => subject.putChange({ generation: state.generation, threads: state.threads === 1 ? 2 : state.threads - 1 }) },
]);
