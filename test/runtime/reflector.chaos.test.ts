import { describe, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { HostileServer } from './hostile-server.ts';
import { refuse } from './hostile-server.ts';
import { startReflector } from './support/hostile-set-up.ts';
import { configMap } from './support/objects.ts';

type Action = (server: HostileServer) => void | Promise<void>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Refuses the next few requests of either kind. */
const failNext = (count: number, code: number): Action => (server) => {
  let left = count;
  server.misbehave = (_url, response) => {
    if ((left -= 1) < 0) return false;
    refuse(response, code, code === 410 ? 'Expired' : 'Because');
    return true;
  };
};

let puts = 0;
const names = ['a', 'b', 'c', 'd', 'e'];
const actions: Record<string, Action> = {
  ...Object.fromEntries(names.map((name) => [`put ${name}`, (server: HostileServer) => server.put(name, { put: String((puts += 1)) })])),
  ...Object.fromEntries(names.map((name) => [`delete ${name}`, (server: HostileServer) => server.delete(name)])),
  bookmark: (server) => server.bookmark(),
  'end watches': (server) => server.endWatches('clean'),
  'cut watches': (server) => server.endWatches('cut'),
  'lose watchers': (server) => server.loseWatchers(),
  'half a line': (server) => {
    server.write('{"type":"ADDED","object":{"meta');
    server.endWatches('clean');
  },
  nonsense: (server) => server.write('}{\n'),
  compact: (server) => {
    server.compacted = server.version;
    server.endWatches('cut');
  },
  'restore a backup': (server) => {
    const kept = [...server.objects.values()].slice(0, 2);
    server.restoreBackup([...kept, configMap('e', String(server.version - 35), { data: { from: 'backup' } })], server.version - 30);
    server.compacted = 0;
    server.endWatches('cut');
  },
  restart: async (server) => {
    await server.stop();
    server.delete('a');
    await server.start();
  },
  'fail with 500': failNext(3, 500),
  'fail with 429': failNext(2, 429),
  'fail with 410': failNext(4, 410),
  wait: () => pause(15),
};

describe('Reflector in any order of troubles', () => {
  it('ends with the state of the server', async () => {
    const troubles = fc.array(fc.constantFrom(...Object.keys(actions)), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(troubles, async (names) => {
        const rig = await startReflector({ idleMs: 60, backoff: { baseMs: 2, maxMs: 20 }, shortWatchMs: 1 }, (server) => {
          server.version = 1_000;
          server.put('a');
          server.put('b');
        });
        try {
          for (const name of names) {
            await actions[name]?.(rig.server);
            await pause(1);
          }
          rig.server.misbehave = () => false;
          rig.server.put('last');
          await rig.converged();
        } finally {
          await rig.close();
        }
      }),
      { numRuns: 40, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  }, 40_000);
});
