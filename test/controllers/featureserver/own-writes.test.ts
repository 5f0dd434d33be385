import { describe, expect, it } from '@jest/globals';
import { OwnWrites } from '../../../src/controllers/featureserver/own-writes.ts';
import { Store } from '../../../src/runtime/store.ts';
import { FakeClock } from '../../runtime/support/fake-clock.ts';
import { RecordingLogger } from '../../runtime/support/recorders.ts';

const object = (version: string, uid = 'u') => ({ metadata: { namespace: 'a', name: 'b', uid, resourceVersion: version } });
const setUp = () => {
  const store = new Store({ logger: new RecordingLogger() });
  const clock = new FakeClock();
  return { store, clock, writes: new OwnWrites(store, clock) };
};
const version = (writes: OwnWrites) => writes.get('a/b')?.metadata.resourceVersion;

describe('OwnWrites', () => {
  it('shows an own write until the watch has caught up, and never goes back', () => {
    const { store, writes } = setUp();
    store.upsert(object('5'));
    writes.wrote(object('9'));
    expect(version(writes)).toBe('9');
    store.upsert(object('7'));
    expect(version(writes)).toBe('9');
    store.upsert(object('9'));
    store.upsert(object('12'));
    expect(version(writes)).toBe('12');
  });

  it('does not bring back what was deleted after the write', () => {
    const { store, writes } = setUp();
    writes.wrote(object('9'));
    store.upsert(object('9'));
    store.remove(object('10'));
    expect(writes.get('a/b')).toBeUndefined();
  });

  it('gives up a write that the watch never shows: created and deleted while it was cut', async () => {
    const { clock, writes } = setUp();
    writes.wrote(object('9'));
    await clock.advance(30_001);
    expect(writes.get('a/b')).toBeUndefined();
  });

  it('ignores an own write that the watch has already passed', () => {
    const { store, writes } = setUp();
    store.upsert(object('12'));
    writes.wrote(object('9'));
    expect(version(writes)).toBe('12');
  });
});
