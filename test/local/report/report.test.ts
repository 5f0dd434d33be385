import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FleetFacts } from '../../../src/local/fleet/fleet-facts.ts';
import type { LoadSecond } from '../../../src/local/load/second-stats.ts';
import { Recorder } from '../../../src/local/report/recorder.ts';
import { checkReportPath, writeReport } from '../../../src/local/report/report-file.ts';
import { reportSchema } from '../../../src/local/report/report.ts';
import type { Decision } from '../../../src/api/featureserver-status.ts';

const decision = (at: string, replicas: number): Decision => ({ at, from: { replicas: 1, threads: 4, processes: 1 }, to: { replicas, threads: 4, processes: 1 }, reason: 'CapacityShort', message: 'm' });
const facts = (decisions: Decision[]): FleetFacts => ({
  key: 'default/ranking', name: 'ranking', namespace: 'default', objectiveMs: 50, servingPort: 6566, adminPort: 9100, replicas: 2, readyReplicas: 1, threads: 4, processes: 1,
  class: 'THREADS', evidence: '', advice: '', decisions, conditions: [],
});
const second = (t: number, more: Partial<LoadSecond> = {}): LoadSecond => ({ t, sent: 10, answered: 9, failed: 1, over: 2, p50Ms: 1, p95Ms: 2, p99Ms: 3, waiting: 0, oldestWaitingMs: 0, partial: false, failures: {}, ...more });

describe('the report', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has exactly the agreed fields', () => {
    const recorder = new Recorder();
    recorder.processes([1, 2, 2]);
    recorder.facts(facts([decision('a', 2)]));
    recorder.model(facts([]), { model: 'threads', gil: 'on' });
    recorder.second(facts([]), second(1));
    recorder.second(facts([]), second(2, { answered: 0, p50Ms: null, p95Ms: null, p99Ms: null, failed: 0, over: 0 }));
    recorder.second(facts([]), second(3, { sent: 0, answered: 3, failed: 0, partial: true }));
    recorder.firstRequest(3.25);
    recorder.firstRequest(9);
    const path = join(folder, 'report.json');
    writeReport(path, recorder.report());
    const read = reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(read).toEqual({
      fleets: [
        {
          name: 'ranking', namespace: 'default', objectiveMs: 50, model: 'threads', gil: 'on', decisions: [decision('a', 2)],
          seconds: [
            { t: 1, rate: 10, over: 2, p50Ms: 1, p95Ms: 2, p99Ms: 3, replicas: 2, readyReplicas: 1, threads: 4, processes: 1, class: 'THREADS' },
            { t: 2, rate: 10, over: 0, p50Ms: null, p95Ms: null, p99Ms: null, replicas: 2, readyReplicas: 1, threads: 4, processes: 1, class: 'THREADS' },
          ],
        },
      ],
      requests: { sent: 20, answered: 12, failed: 1, over: 4 },
      processIds: [1, 2],
      firstRequestSeconds: 3.25,
    });
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  it('keeps all decisions in order, though the status holds only the newest ten', () => {
    const recorder = new Recorder();
    const all = Array.from({ length: 15 }, (_, index) => decision(`2026-01-01T00:00:${String(index).padStart(2, '0')}Z`, index));
    for (let end = 1; end <= all.length; end++) recorder.facts(facts(all.slice(Math.max(0, end - 10), end).toReversed()));
    expect(recorder.report().fleets[0]?.decisions).toEqual(all);
  });

  it.each([
    ['a folder that does not exist', () => join(folder, 'none', 'r.json'), 'create it'],
    ['a folder', () => folder, 'name a file in it'],
    ['a path through a file', () => join(folder, 'file', 'r.json'), 'choose another path'],
    ['a device', () => '/dev/null', 'name a file'],
  ])('says before the run that it cannot be written into %s', (_, path, remedy) => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => checkReportPath(path())).toThrow(remedy);
  });

  it('leaves the old report alone when the new one cannot be written', () => {
    const path = join(folder, 'report.json');
    mkdirSync(path);
    expect(() => writeReport(path, new Recorder().report())).toThrow('cannot write the report');
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  it('leaves nothing behind when it only looks', () => {
    checkReportPath(join(folder, 'r.json'));
    expect(readdirSync(folder)).toEqual([]);
  });
});
