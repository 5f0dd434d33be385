/**
 * Flags of `plateau simulate`.
 *
 * @module
 */
import type { Flag } from './flag-table.ts';

export const policyNames = ['plateau', 'hpa-cpu', 'hpa-p95', 'kpa', 'keda-rps', 'static'] as const;
export type PolicyName = (typeof policyNames)[number];

const hpas: readonly PolicyName[] = ['hpa-cpu', 'hpa-p95', 'keda-rps'];

/** A flag that belongs to some policies only names them. */
export interface SimulateFlag extends Flag {
  readonly of?: readonly PolicyName[];
}

export const simulateFlags = {
  trace: { type: 'string', value: 'FILE', help: 'load to follow, CSV with the columns seconds,requests_per_second; needed' },
  scale: { type: 'string', value: 'X', help: "multiplies the trace's rates (default 1)" },
  start: { type: 'string', value: 'TIME', help: 'where in the trace to begin (default 0s)' },
  duration: { type: 'string', value: 'TIME', help: 'how much of the trace to run (default: to its end)' },
  profile: { type: 'string', value: 'FILE', help: 'what a request costs and what serves it, JSON; needed (docs/simulation.md has the fields)' },
  policy: { type: 'string', value: 'NAME', help: `${policyNames.join(', ')} (default plateau)` },
  objective: { type: 'string', value: 'TIME', help: 'that 95 of 100 requests shall meet (default 50ms)' },
  threads: { type: 'string', value: 'N', help: 'of each process at the start, or the in-flight limit of an event loop (default 4)' },
  replicas: { type: 'string', value: 'N', help: 'pods at the start, all of them ready (default 2)' },
  min: { type: 'string', value: 'N', help: 'fewest pods (default 1)' },
  max: { type: 'string', value: 'N', help: 'most pods (default 100)' },
  seed: { type: 'string', value: 'N', help: 'of arrivals, costs, routing and noise; the same seed gives the same bytes (default 1)' },
  json: { type: 'boolean', help: 'the result as one line of JSON' },
  decisions: { type: 'string', value: 'FILE', help: 'write every decision as a line of JSON' },
  'max-threads': { type: 'string', value: 'N', of: ['plateau'], help: 'most threads of a process (default 32)' },
  'max-processes': { type: 'string', value: 'N', of: ['plateau'], help: "most processes of a pod (default: the cores of the profile's limit)" },
  'cpu-target': { type: 'string', value: 'PERCENT', of: ['hpa-cpu'], help: 'of the CPU request (default 70)' },
  'cpu-request': { type: 'string', value: 'CORES', of: ['hpa-cpu'], help: "of a pod (default: the profile's limit)" },
  'p95-target': { type: 'string', value: 'TIME', of: ['hpa-p95'], help: '(default: the objective)' },
  'rps-target': { type: 'string', value: 'N', of: ['keda-rps'], help: 'requests per second of a pod (default 100)' },
  polling: { type: 'string', value: 'TIME', of: ['keda-rps'], help: 'the metric is asked for so often (default 30s)' },
  tolerance: { type: 'string', value: 'X', of: hpas, help: 'relative distance from the target at which nothing moves (default 0.1)' },
  sync: { type: 'string', value: 'TIME', of: hpas, help: 'between evaluations (default 15s)' },
  'up-stabilization': { type: 'string', value: 'TIME', of: hpas, help: '(default 0s)' },
  'down-stabilization': { type: 'string', value: 'TIME', of: hpas, help: '(default 300s)' },
  'up-pods': { type: 'string', value: 'N', of: hpas, help: 'pods that may be added in 15 s (default 4); the more of this and of --up-percent' },
  'up-percent': { type: 'string', value: 'PERCENT', of: hpas, help: 'of the fleet that may be added in 15 s (default 100)' },
  'down-percent': { type: 'string', value: 'PERCENT', of: hpas, help: 'of the fleet that may be removed in 15 s (default 100)' },
  'concurrency-target': { type: 'string', value: 'N', of: ['kpa'], help: 'requests inside a pod (default 4)' },
  'stable-window': { type: 'string', value: 'TIME', of: ['kpa'], help: '(default 60s)' },
  'panic-window': { type: 'string', value: 'TIME', of: ['kpa'], help: '(default 6s)' },
  'panic-threshold': { type: 'string', value: 'X', of: ['kpa'], help: 'times the ready pods (default 2)' },
  'max-scale-up-rate': { type: 'string', value: 'X', of: ['kpa'], help: 'times the ready pods at once (default 1000)' },
  'max-scale-down-rate': { type: 'string', value: 'X', of: ['kpa'], help: 'the ready pods by this at once (default 2)' },
  'scale-down-delay': { type: 'string', value: 'TIME', of: ['kpa'], help: '(default 0s)' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, SimulateFlag>;

export type SimulateFlagName = keyof typeof simulateFlags;

/** The policies that a flag is for; undefined for a flag of all. */
export const policiesOf = (name: SimulateFlagName): readonly PolicyName[] | undefined => {
  const flag: SimulateFlag = simulateFlags[name];
  return flag.of;
};
