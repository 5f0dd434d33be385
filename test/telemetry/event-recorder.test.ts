import { describe, expect, it } from '@jest/globals';
import { EventRecorder } from '../../src/telemetry/event-recorder.ts';
import type { KubeObject } from '../../src/runtime/ports.ts';
import { ApiError } from '../../src/runtime/ports.ts';
import { FakeClock } from '../runtime/support/fake-clock.ts';
import { RecordingLogger, RecordingMetrics } from '../runtime/support/recorders.ts';

const subject = { apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer', namespace: 'shop', name: 'ranking', uid: 'u' };
const scaled = { type: 'Normal', reason: 'CapacityShort', message: '2 → 4' } as const;

const setUp = (create: (object: KubeObject) => Promise<KubeObject> = (object) => Promise.resolve(object)) => {
  const clock = new FakeClock();
  const created: KubeObject[] = [];
  const logger = new RecordingLogger();
  const recorder = new EventRecorder({
    client: { create: (_type, object) => (created.push(object), create(object)) },
    type: { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event', namespaced: true },
    clock, random: () => 0.5, logger, metrics: new RecordingMetrics(), controller: 'plateau.dev/operator', instance: 'x'.repeat(200), fieldManager: 'plateau-operator',
  });
  return { clock, created, logger, recorder };
};

describe('EventRecorder', () => {
  it('tells the same thing once in five minutes, and something else at once', async () => {
    const { clock, created, recorder } = setUp();
    await recorder.record(subject, scaled);
    await recorder.record(subject, scaled);
    await recorder.record(subject, { ...scaled, message: '4 → 6' });
    expect(created).toHaveLength(2);
    await clock.advance(300_001);
    await recorder.record(subject, scaled);
    expect(created).toHaveLength(3);
  });

  it('tells at most 25 things of one object in that time, and all of another', async () => {
    const { created, recorder } = setUp();
    for (let index = 0; index < 100; index += 1) await recorder.record(subject, { ...scaled, message: String(index) });
    expect(created).toHaveLength(25);
    await recorder.record({ ...subject, uid: 'other' }, scaled);
    expect(created).toHaveLength(26);
  });

  it('keeps within what the API server takes', async () => {
    const { created, recorder } = setUp();
    await recorder.record(subject, { ...scaled, message: 'x'.repeat(5_000) });
    expect(String(created[0]?.['note']).length).toBeLessThanOrEqual(1024);
    expect(String(created[0]?.['reportingInstance']).length).toBeLessThanOrEqual(128);
    expect(created[0]?.['eventTime']).toMatch(/\.\d{6}Z$/u);
  });

  it('does not fail the work when an event cannot be written', async () => {
    const { logger, recorder } = setUp(() => Promise.reject(new ApiError('Forbidden', 'no')));
    await expect(recorder.record(subject, scaled)).resolves.toBeUndefined();
    expect(JSON.stringify(logger)).toContain('could not be written');
  });
});
