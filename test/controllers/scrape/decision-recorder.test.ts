import { describe, expect, it } from '@jest/globals';
import { DecisionRecorder } from '../../../src/controllers/scrape/decision-recorder.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { readRecord } from '../../../src/core/decisions/record.ts';
import { fleet, input, pods } from '../../core/autoscale/support/fleet.ts';
import { RecordingLogger } from '../../runtime/support/recorders.ts';

const given = input(fleet({ replicas: 1, threads: 8, processes: 1 }, pods(1, { rate: 900 })));
const evaluation = { object: { namespace: 'shop', name: 'ranking', uid: 'u1' }, input: given, output: recommend(given) };

describe('DecisionRecorder', () => {
  it('logs a move as a sentence with the figures beside it, and files it whole', () => {
    const logger = new RecordingLogger();
    const lines: string[] = [];
    const recorder = new DecisionRecorder({ logger, file: { append: (line) => lines.push(line) } });
    recorder.record(evaluation);
    recorder.record(evaluation);
    expect(logger.lines).toEqual([{ level: 'info', message: evaluation.output.message, fields: { decision: expect.objectContaining({ object: 'shop/ranking', to: evaluation.output.scale }) } }]);
    expect(lines.map((line) => readRecord(line).ok)).toEqual([true, true]);
  });

  it('needs no file', () => {
    const logger = new RecordingLogger();
    new DecisionRecorder({ logger }).record(evaluation);
    expect(logger.lines).toHaveLength(1);
  });
});
