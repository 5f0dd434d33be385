import { describe, expect, it } from '@jest/globals';
import type { Decision } from '../../../src/api/featureserver-status.ts';
import type { FleetFacts } from '../../../src/local/fleet/fleet-facts.ts';
import { Director } from '../../../src/local/scenarios/director.ts';
import type { DirectorOptions } from '../../../src/local/scenarios/director.ts';

const scenario = { class: 'STORE', atSeconds: 20, cause: 'the store is slow now' } as const;
const decision = (at: string): Decision => ({ at, from: { replicas: 1, threads: 4, processes: 1 }, to: { replicas: 1, threads: 8, processes: 1 }, reason: 'ThreadsBelowFloor', message: 'm' });
const fleet = (change: Partial<FleetFacts> = {}): FleetFacts => ({
  key: 'default/ranking', name: 'ranking', namespace: 'default', objectiveMs: 150, servingPort: 6566, adminPort: 9100, replicas: 1, readyReplicas: 1, threads: 4, processes: 1,
  class: 'OK', evidence: 'calm', advice: '', decisions: [], conditions: [], ...change,
});

const directed = (change: Partial<DirectorOptions> = {}) => {
  const told: string[] = [];
  let begun = 0;
  const failures: string[] = [];
  const begin = async (): Promise<void> => void (begun += 1);
  const director = new Director({ name: 'store', scenario, begin, tools: { apply: async () => undefined }, tell: (line) => told.push(line), onFailure: (message) => failures.push(message), ...change });
  return { director, told, failures, begun: () => begun };
};

describe('the director of a scenario', () => {
  it('begins the cause once, when it is time, and says so in one line', () => {
    const { director, told, begun } = directed();
    for (const seconds of [18.9, 19.9]) director.tick(seconds, [fleet()]);
    expect([begun(), told]).toEqual([0, []]);
    for (const seconds of [20.9, 21.9]) director.tick(seconds, [fleet()]);
    expect([begun(), told]).toEqual([1, ['  21 s  the store is slow now']]);
    expect(director.report()).toMatchObject({ name: 'store', causeSeconds: 20.9, classSeconds: null });
  });

  it('does not begin before there is a fleet', () => {
    const { director, begun } = directed();
    director.tick(30, []);
    expect([begun(), director.report().causeSeconds]).toEqual([0, null]);
  });

  it('notes when the right class was read first after the cause, with its evidence and advice', () => {
    const { director, told } = directed();
    director.tick(19, [fleet({ class: 'STORE', evidence: 'too early' })]);
    director.tick(20, [fleet()]);
    director.tick(23, [fleet({ class: 'THREADS' })]);
    director.tick(26, [fleet({ class: 'STORE', evidence: '8 slots get as much as 4', advice: 'make it larger' })]);
    director.tick(27, [fleet({ class: 'STORE', evidence: 'later', advice: 'later' })]);
    expect(director.report()).toMatchObject({ expectedClass: 'STORE', classSeconds: 26, evidence: '8 slots get as much as 4', advice: 'make it larger' });
    expect(told.at(-1)).toBe('  26 s  the class is STORE, 6 s after the cause began; advice: make it larger');
  });

  it('keeps the decisions that came after the cause, also those that the status no longer holds, oldest first', () => {
    const { director } = directed();
    director.tick(19, [fleet({ decisions: [decision('a')] })]);
    director.tick(20, [fleet({ decisions: [decision('a')] })]);
    director.tick(25, [fleet({ decisions: [decision('c'), decision('b'), decision('a')] })]);
    director.tick(30, [fleet({ decisions: [decision('d')] })]);
    expect(director.report().decisions.map(({ at }) => at)).toEqual(['b', 'c', 'd']);
  });

  it('notes how large the fleet became since the cause', () => {
    const { director } = directed();
    director.tick(10, [fleet({ replicas: 4, threads: 30 })]);
    for (const [index, [replicas, threads]] of [[1, 4], [3, 9], [2, 6]].entries()) director.tick(20 + index, [fleet({ replicas: replicas ?? 0, threads: threads ?? 0 })]);
    expect(director.report()).toMatchObject({ pods: { from: 1, most: 3, to: 2 }, threads: { from: 4, most: 9, to: 6 } });
  });

  it('ends the run when the cause cannot be made to happen', async () => {
    const { director, failures } = directed({ begin: () => Promise.reject(new Error('refused')) });
    director.tick(20, [fleet()]);
    await Promise.resolve();
    await Promise.resolve();
    expect(failures).toEqual([expect.stringContaining('refused')]);
  });
});
