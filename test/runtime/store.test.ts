import { describe, expect, it } from '@jest/globals';
import { Store } from '../../src/runtime/store.ts';
import type { StoreOptions } from '../../src/runtime/store.ts';
import { configMap } from './support/objects.ts';
import { RecordingLogger } from './support/recorders.ts';

const setUp = (options: Partial<StoreOptions> = {}) => {
  const logger = new RecordingLogger();
  const store = new Store({ logger, ...options });
  const told: string[] = [];
  store.subscribe({
    onAdd: (object) => told.push(`add ${object.metadata.name}@${object.metadata.resourceVersion}`),
    onUpdate: (before, after) => told.push(`update ${after.metadata.name}@${before.metadata.resourceVersion}→${after.metadata.resourceVersion}`),
    onDelete: (object) => told.push(`delete ${object.metadata.name}@${object.metadata.resourceVersion}`),
  });
  return { store, told, logger };
};

describe('Store', () => {
  it('tells of what a new list adds, changes and no longer holds, and of nothing else', () => {
    const { store, told } = setUp();
    store.replace([configMap('a', '1'), configMap('b', '2'), configMap('c', '3')]);
    told.length = 0;

    store.replace([configMap('b', '2'), configMap('c', '5'), configMap('d', '6')]);

    expect(told).toEqual(['delete a@1', 'update c@3→5', 'add d@6']);
    expect(store.keys().sort()).toEqual(['default/b', 'default/c', 'default/d']);
  });

  it('shows an object that was deleted and made again as a delete and an add', () => {
    const { store, told } = setUp();
    store.upsert(configMap('a', '1', { uid: 'first' }));
    store.replace([configMap('a', '9', { uid: 'second' })]);
    expect(told).toEqual(['add a@1', 'delete a@1', 'add a@9']);
  });

  it('takes an equal version as changed when the server reuses versions', () => {
    const { store, told } = setUp();
    store.upsert(configMap('a', '7', { data: { x: 'old' } }));
    store.replace([configMap('a', '7', { data: { x: 'new' } })], { versionsReused: true });
    expect(told).toEqual(['add a@7', 'update a@7→7']);
    expect(store.get('default/a')?.['data']).toEqual({ x: 'new' });
  });

  it('ignores the deletion of an object it does not know', () => {
    const { store, told } = setUp();
    store.remove(configMap('a', '1'));
    expect(told).toEqual([]);
  });

  it('finds by index through changes and deletions', () => {
    const { store } = setUp({ indexes: { team: (object) => Object.values(object.metadata.labels ?? {}) } });
    const named = (team: string) => store.byIndex('team', team).map((object) => object.metadata.name ?? '').sort();
    store.upsert(configMap('a', '1', { labels: { team: 'red' } }));
    store.upsert(configMap('b', '2', { labels: { team: 'red' } }));
    expect(named('red')).toEqual(['a', 'b']);
    store.upsert(configMap('a', '3', { labels: { team: 'blue' } }));
    expect([named('red'), named('blue')]).toEqual([['b'], ['a']]);
    store.remove(configMap('b', '2'));
    expect(named('red')).toEqual([]);
    expect(() => store.byIndex('teem', 'red')).toThrow('no index "teem"');
  });

  it('keeps an object that an index function cannot read, and says so', () => {
    const { store, logger } = setUp({
      indexes: {
        broken: () => {
          throw new Error('boom');
        },
      },
    });
    store.upsert(configMap('a', '1'));
    expect(store.size).toBe(1);
    expect(logger.lines.map(({ message }) => message)).toEqual(['an index function threw; the object is left out of the index']);
  });

  it('strips managedFields unless told what to keep', () => {
    const withFields = () => {
      const object = configMap('a', '1');
      object.metadata.managedFields = [{ manager: 'm' }];
      return object;
    };
    const { store } = setUp();
    store.upsert(withFields());
    expect(store.get('default/a')?.metadata).not.toHaveProperty('managedFields');
    const whole = new Store({ logger: new RecordingLogger(), transform: (object) => object });
    whole.upsert(withFields());
    expect(whole.get('default/a')?.metadata.managedFields).toEqual([{ manager: 'm' }]);
  });

  it('hands out objects that nobody can change', () => {
    const { store } = setUp();
    store.upsert(configMap('a', '1', { labels: { team: 'red' } }));
    const labels = store.get('default/a')?.metadata.labels ?? {};
    expect(() => {
      labels['team'] = 'blue';
    }).toThrow(TypeError);
  });

  it('goes on when a handler throws', () => {
    const { store, told, logger } = setUp();
    store.subscribe({
      onAdd: () => {
        throw new Error('boom');
      },
    });
    const late: string[] = [];
    store.subscribe({ onAdd: (object) => late.push(object.metadata.name ?? '') });
    store.upsert(configMap('a', '1'));
    expect([told, late]).toEqual([['add a@1'], ['a']]);
    expect(logger.lines[0]?.level).toBe('error');
  });

  it('shows a late subscriber what is there already, and an earlier one nothing after it has left', () => {
    const { store } = setUp();
    store.upsert(configMap('a', '1'));
    const late: string[] = [];
    const leave = store.subscribe({ onAdd: (object) => late.push(object.metadata.name ?? '') });
    leave();
    store.upsert(configMap('b', '2'));
    expect(late).toEqual(['a']);
  });
});
