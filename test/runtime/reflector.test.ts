import { afterEach, describe, expect, it } from '@jest/globals';
import { refuse } from './hostile-server.ts';
import { startReflector } from './support/hostile-set-up.ts';
import { configMap } from './support/objects.ts';

type Rig = Awaited<ReturnType<typeof startReflector>>;

let rig: Rig | undefined;
const start = async (...args: Parameters<typeof startReflector>): Promise<Rig> => (rig = await startReflector(...args));

afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

/** Refuses the first `times` requests of a kind. */
const refuseFirst = (kind: 'list' | 'watch', times: number, code: number, headers: Record<string, string> = {}) => {
  let left = times;
  return (url: URL, response: Parameters<typeof refuse>[0]): boolean => {
    if (url.searchParams.has('watch') !== (kind === 'watch') || left <= 0) return false;
    left -= 1;
    refuse(response, code, code === 410 ? 'Expired' : 'Because', headers);
    return true;
  };
};

describe('Reflector against a real server', () => {
  it('lists page by page, then follows the watch', async () => {
    const { server, converged, told, reflector } = await start({}, (server) => ['a', 'b', 'c', 'd'].forEach((name) => server.put(name)));
    await reflector.synced;
    expect(server.lists.map((url) => url.searchParams.get('continue'))).toEqual([null, 't3']);
    await server.until(() => server.openWatches === 1);
    expect(Object.fromEntries(server.watches[0]?.searchParams ?? [])).toMatchObject({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '104' });
    const seconds = Number(server.watches[0]?.searchParams.get('timeoutSeconds'));
    expect(seconds >= 240 && seconds <= 480).toBe(true);
    server.put('a', { x: '1' });
    server.delete('b');
    server.put('e');
    await converged();
    expect(told).toEqual(['add a', 'add b', 'add c', 'add d', 'update a', 'delete b', 'add e']);
  });

  it('goes on from the bookmark after the server has ended a watch, without a new full list', async () => {
    const { server, reflector } = await start({ shortWatchMs: 0 }, (server) => server.put('a'));
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    server.version = 500;
    server.bookmark();
    server.endWatches();
    await server.until(() => server.watches.length === 2);
    expect(server.watches[1]?.searchParams.get('resourceVersion')).toBe('500');
    expect(server.lists.map((url) => url.searchParams.get('limit'))).toEqual(['3', '1']);
  });

  it.each(['HTTP 410', 'an ERROR event in mid-watch'])('lists again after %s, and notices what was deleted meanwhile', async (how) => {
    const { server, reflector, converged, told } = await start({}, (server) => ['a', 'b'].forEach((name) => server.put(name)));
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    server.endWatches('cut');
    server.objects.delete('a');
    server.version = 900;
    server.compacted = 800;
    if (how !== 'HTTP 410') {
      server.compacted = 0;
      await server.until(() => server.openWatches === 1);
      server.write(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`);
    }
    await converged();
    expect(told).toEqual(['add a', 'add b', 'delete a']);
  });

  it('does not hammer a server that answers every watch with 410', async () => {
    const { server } = await start({ backoff: { baseMs: 40, maxMs: 10_000 } }, (server) => {
      server.put('a');
      server.compacted = Infinity;
    });
    await server.until(() => server.watches.length >= 3);
    const before = server.lists.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.lists.length - before).toBeLessThan(20);
  });

  it('waits as long as Retry-After says when the first list is refused with 429', async () => {
    const startedMs = performance.now();
    const { reflector, server } = await start({}, (server) => {
      server.put('a');
      server.misbehave = refuseFirst('list', 1, 429, { 'retry-after': '1' });
    });
    await reflector.synced;
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990);
    expect(server.lists).toHaveLength(2);
  });

  it('does not list again after a watch refused with 429', async () => {
    const { reflector, server, converged } = await start({}, (server) => {
      server.put('a');
      server.misbehave = refuseFirst('watch', 2, 429);
    });
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    server.put('b');
    await converged();
    expect(server.lists.filter((url) => url.searchParams.get('limit') !== '1')).toHaveLength(1);
  });

  it('takes up again where it was when a line is cut in half', async () => {
    const { server, reflector, converged, logger } = await start({}, (server) => server.put('a'));
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    const cut = JSON.stringify({ type: 'ADDED', object: configMap('b', '102') }).slice(0, 60);
    server.write(cut);
    server.endWatches('clean');
    server.put('b');
    await converged();
    expect(logger.lines.map(({ fields }) => String(fields['error'])).join()).toContain('the stream ended in the middle of a line');
  });

  it('puts lines together that arrive in pieces, even in the middle of a character', async () => {
    const { server, reflector, converged, store } = await start();
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    const object = configMap('b', '101', { data: { text: 'straße' } });
    server.objects.set('b', object);
    server.version = 101;
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    const middleOfCharacter = bytes.indexOf('ß') + 1;
    server.writeBytes(bytes.subarray(0, middleOfCharacter));
    // A turn of the event loop, so that the halves leave in two packets.
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.writeBytes(bytes.subarray(middleOfCharacter));
    await converged();
    expect(store.get('default/b')?.['data']).toEqual({ text: 'straße' });
  });

  it.each(['not json at all', '{"type":"WEIRD","object":{"metadata":{}}}', '{"type":"ADDED"}', '{"type":"ADDED","object":{"metadata":{"name":"x","namespace":"default"}}}'])(
    'survives the line %s',
    async (line) => {
      const { server, reflector, converged } = await start({}, (server) => server.put('a'));
      await reflector.synced;
      await server.until(() => server.openWatches === 1);
      server.write(`${line}\n`);
      server.put('b');
      await converged();
    },
  );

  it('notices that a watch has gone silent and opens another', async () => {
    const { server, reflector, converged } = await start({ idleMs: 80 }, (server) => server.put('a'));
    await reflector.synced;
    await server.until(() => server.watches.length >= 1);
    // The server goes on, but nothing it says gets through any more.
    server.loseWatchers();
    server.put('b');
    await converged();
    expect(server.watches.length).toBeGreaterThanOrEqual(2);
  });

  it('converges after the server has failed every request for a minute (scaled to 0.6 s)', async () => {
    const { server, reflector, converged } = await start({}, (server) => ['a', 'b'].forEach((name) => server.put(name)));
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    let refused = 0;
    server.misbehave = (_url, response) => {
      refused += 1;
      refuse(response, 500, 'InternalError');
      return true;
    };
    server.endWatches('cut');
    server.delete('a');
    server.put('c');
    await new Promise((resolve) => setTimeout(resolve, 600));
    server.misbehave = () => false;
    await converged();
    // 8 ms doubling to 300 ms: with full jitter about a dozen attempts, not a storm.
    expect(refused).toBeGreaterThan(1);
    expect(refused).toBeLessThan(60);
  });

  it('replaces everything when the server comes back with an older storage', async () => {
    const { server, reflector, converged, store } = await start({}, (server) => ['a', 'b', 'c'].forEach((name) => server.put(name)));
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    await server.stop();
    // "a" has the version that the store already holds, with another content: nothing may be taken for known.
    server.restoreBackup([configMap('a', '101', { data: { from: 'backup' } }), configMap('old', '50')], 60);
    server.version = 60;
    server.objects.set('a', configMap('a', '101', { data: { from: 'backup' } }));
    await server.start();
    await converged();
    await server.until(() => server.openWatches === 1);
    expect(store.keys().sort()).toEqual(['default/a', 'default/old']);
    expect(store.get('default/a')?.['data']).toEqual({ from: 'backup' });
    server.put('new');
    await converged();
  });

  it('starts the list anew when a page token expires, and asks for all at once when that happens again', async () => {
    let expired = 0;
    const { server, reflector, converged } = await start({}, (server) => {
      ['a', 'b', 'c', 'd', 'e'].forEach((name) => server.put(name));
      server.misbehave = (url, response) => {
        if (!url.searchParams.has('continue')) return false;
        expired += 1;
        refuse(response, 410, 'Expired');
        return true;
      };
    });
    await reflector.synced;
    await converged();
    expect(expired).toBe(2);
    expect(server.lists.map((url) => url.searchParams.get('limit'))).toEqual(['3', '3', '3', '3', null]);
  });

  it('opens no watch after stop, and leaves none open', async () => {
    const { server, stop, ended } = await start({ backoff: { baseMs: 50, maxMs: 50 } }, (server) => server.put('a'));
    await server.until(() => server.openWatches === 1);
    server.endWatches('cut');
    stop.abort();
    await ended;
    const opened = server.watches.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([server.watches.length - opened, server.openWatches]).toEqual([0, 0]);
  });

  it('closes a running watch on stop', async () => {
    const { server, stop, ended } = await start({}, (server) => server.put('a'));
    await server.until(() => server.openWatches === 1);
    stop.abort();
    await ended;
    await server.until(() => server.openWatches === 0);
  });

  it('lists again when the last list is older than allowed', async () => {
    const { server, reflector, converged } = await start({ maxListAgeMs: 50, shortWatchMs: 0 }, (server) => server.put('a'));
    await reflector.synced;
    await server.until(() => server.openWatches === 1);
    // An event that no watch ever told.
    server.objects.delete('a');
    await new Promise((resolve) => setTimeout(resolve, 60));
    server.endWatches();
    await converged();
  });
});
