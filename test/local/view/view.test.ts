import { describe, expect, it } from '@jest/globals';
import type { FleetFacts } from '../../../src/local/fleet/fleet-facts.ts';
import type { LoadSecond } from '../../../src/local/load/second-stats.ts';
import { decisionSentence, milliseconds, sizeWords } from '../../../src/local/view/fleet-view.ts';
import type { FleetView } from '../../../src/local/view/fleet-view.ts';
import { sparkline } from '../../../src/local/view/sparkline.ts';
import { createView } from '../../../src/local/view/view.ts';

const facts: FleetFacts = {
  key: 'default/ranking', name: 'ranking', namespace: 'default', objectiveMs: 50, servingPort: 6566, adminPort: 9100, replicas: 2, readyReplicas: 1, threads: 4, processes: 1,
  class: 'THREADS', evidence: '3.9 of 4 slots busy', advice: '', decisions: [], conditions: [{ type: 'Stalled', status: 'True', reason: 'ImageError', message: 'no such image', lastTransitionTime: '' }],
};
const second = (p95Ms: number | null): LoadSecond => ({ t: 1, sent: 120, answered: 1, failed: 2, over: 2, p50Ms: p95Ms, p95Ms, p99Ms: p95Ms, waiting: 0, oldestWaitingMs: 0, partial: false, failures: {} });
const decision = { at: 'x', from: { replicas: 2, threads: 4, processes: 1 }, to: { replicas: 2, threads: 8, processes: 1 }, reason: 'ThreadsBelowFloor', message: 'slots are busy' };
const fleet: FleetView = { facts, seconds: [second(20), second(null), second(80)], cpuPerPod: 0.25, model: undefined, decisions: [{ t: 3, decision }] };

const output = (isTTY: boolean, columns?: number) => {
  const written: string[] = [];
  return { written, stream: { isTTY, columns, write: (text: string) => written.push(text) } };
};

describe('words', () => {
  it.each([
    [null, 'no answer'],
    [4.25, '4.3 ms'],
    [38.4, '38 ms'],
    [1234, '1.2 s'],
  ])('shows %p ms as %s', (ms, text) => expect(milliseconds(ms)).toBe(text));

  it('tells a decision in one sentence', () => {
    expect(decisionSentence(decision)).toBe('threads 4 → 8 (ThreadsBelowFloor): slots are busy');
    expect(decisionSentence({ ...decision, to: { replicas: 4, threads: 4, processes: 2 } })).toContain('processes 1 → 2, pods 2 → 4');
  });

  it.each([
    [{ model: 'threads', gil: 'on' }, 'threads (GIL)'],
    [{ model: 'threads', gil: 'off' }, 'threads (GIL off)'],
    [{ model: 'eventloop', gil: 'none' }, 'eventloop (no GIL)'],
    [undefined, '1/2 pods ready'],
  ] as const)('names the model and the interpreter lock of %j', (model, words) => {
    expect(sizeWords({ ...fleet, model })[0]).toBe(words);
  });

  it('draws bars up to the top and blanks for what is not known', () => {
    expect(sparkline([0, 50, 100, 500, null, Number.NaN], 100)).toBe('▁▅██  ');
    expect(sparkline([1], 0)).toBe(' ');
  });
});

describe('the plain view', () => {
  it('writes a line a second and each decision and trouble once, without control characters', () => {
    const { written, stream } = output(false);
    const view = createView({ output: stream, env: {} });
    view.show([fleet], 3);
    view.show([fleet], 4);
    const text = written.join('');
    expect(text.match(/decision: threads 4 → 8/gu)).toHaveLength(1);
    expect(text.match(/ImageError: no such image/gu)).toHaveLength(1);
    expect(text.match(/120 req\/s  p95 80 ms \(objective 50 ms\)  1\/2 pods ready  4 threads  1 process  CPU 0.25 core\/pod  THREADS  2 failed/gu)).toHaveLength(2);
    expect(text).not.toContain('\u001B');
  });

  it('says once that no fleet can meet the objective, whatever figures go with it', () => {
    const { written, stream } = output(false);
    const view = createView({ output: stream, env: {} });
    for (const p95 of [80, 81]) {
      view.show([{ ...fleet, facts: { ...facts, conditions: [{ type: 'ObjectiveMet', status: 'False', reason: 'ObjectiveUnreachable', message: `p95 ${p95} ms`, lastTransitionTime: '' }] } }], p95);
    }
    expect(written.filter((line) => line.includes('ObjectiveUnreachable'))).toEqual(['default/ranking: ObjectiveUnreachable: p95 80 ms\n']);
  });

  it('says why a fleet has its class, once for each change', () => {
    const { written, stream } = output(false);
    const view = createView({ output: stream, env: {} });
    view.show([fleet], 3);
    view.show([fleet], 4);
    view.show([{ ...fleet, facts: { ...facts, class: 'OK', evidence: '1 of 4 slots busy' } }], 5);
    expect(written.filter((line) => line.includes('class: '))).toEqual(['   3 s  class: THREADS: 3.9 of 4 slots busy\n', '   5 s  class: OK: 1 of 4 slots busy\n']);
  });
});

describe('the terminal view', () => {
  it('draws over what it drew, within the width', () => {
    const { written, stream } = output(true, 60);
    const view = createView({ output: stream, env: { NO_COLOR: '1' } });
    view.pin('kubectl get fsrv -w');
    view.show([fleet], 3);
    const lines = written.join('').split('\n');
    expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(60);
    expect(lines.join('\n')).not.toContain('\u001B');
    view.show([fleet], 4);
    expect(written.join('')).toContain(`\u001B[${lines.length - 1}A\u001B[J`);
  });

  it('never draws more lines than the terminal has, breaks sentences instead of cutting them, and keeps the newest decisions', () => {
    const { written, stream } = output(true, 60);
    const message = `because ${'word '.repeat(30)}end`;
    const decisions = Array.from({ length: 5 }, (_, t) => ({ t, decision: { ...decision, message } }));
    const view = createView({ output: { ...stream, rows: 16 }, env: { NO_COLOR: '1' } });
    view.pin('footer');
    view.show([{ ...fleet, decisions }], 5);
    const lines = written.join('').split('\n');
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(lines).toContain('footer');
    expect(lines.join('\n')).toContain('   4 s');
    expect(lines.join('\n')).not.toContain('   0 s');
    expect(lines.filter((line) => line.endsWith('end')).length).toBeGreaterThan(0);
  });

  it('names the limit and its evidence', () => {
    const { written, stream } = output(true, 80);
    createView({ output: stream, env: { NO_COLOR: '1' } }).show([fleet], 3);
    expect(written.join('')).toContain('limit: THREADS — 3.9 of 4 slots busy');
  });

  it('begins a new screen when the width has changed', () => {
    const { written, stream } = output(true, 80);
    const resized = { ...stream, columns: 80 };
    const view = createView({ output: resized, env: {} });
    view.show([fleet], 3);
    resized.columns = 60;
    view.show([fleet], 4);
    expect(written.filter((text) => text === '\u001B[H\u001B[J')).toHaveLength(1);
  });

  it('marks a p95 over the objective red and one under it green', () => {
    const { written, stream } = output(true, 100);
    const view = createView({ output: stream, env: {} });
    view.show([fleet], 3);
    expect(written.join('')).toContain('\u001B[31m  p95');
    view.show([{ ...fleet, seconds: [second(20)] }], 4);
    expect(written.join('')).toContain('\u001B[32m  p95');
  });
});
