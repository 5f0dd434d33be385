import type { PoolState } from '../../api/protocol.ts';
import { refusalCheck } from './put-refusal.ts';
import type { Refusal } from './put-refusal.ts';

/** A size that the server says it cannot have. @module */
export const putLimits = refusalCheck({ name: 'put-limits', title: 'PUT /pool with a size outside the limits, or of what is not live, answers 422 and changes nothing' }, (state) =>
  (['threads', 'processes'] as const).flatMap((knob) => refusalsOf(state, knob)),
);

const refusalsOf = ({ limits, live, ...state }: PoolState, knob: 'threads' | 'processes'): Refusal[] => {
  const { min, max } = limits[knob];
  const outside: [string, number][] = [
    [`more ${knob} than ${max}`, max + 1],
    [`no ${knob}`, 0],
    [`${knob} below 0`, -1],
  ];
  const inside = [state[knob] + 1, state[knob] - 1].find((size) => size >= min && size <= max);
  if (!live[knob] && inside !== undefined) outside.push([`other ${knob}, which are not live`, inside]);
  return outside.map(([what, size]) => ({ what, status: 422, put: (subject, { generation }) => subject.putChange({ generation: generation + 1, [knob]: size }) }));
};
