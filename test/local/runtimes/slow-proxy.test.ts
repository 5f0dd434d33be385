import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSlowProxy } from '../../../src/local/runtimes/slow-proxy.ts';
import type { SlowProxy } from '../../../src/local/runtimes/slow-proxy.ts';

const delayMs = 60;

describe('the slow proxy', () => {
  let store: Server;
  let proxy: SlowProxy;
  const atStore = new Set<Socket>();
  beforeEach(async () => {
    store = createServer((socket) => {
      atStore.add(socket);
      socket.on('close', () => atStore.delete(socket)).on('error', () => undefined).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(store, 'listening');
    proxy = await startSlowProxy({ host: '127.0.0.1', port: (store.address() as AddressInfo).port, delayMs });
  });
  afterEach(async () => {
    for (const socket of atStore) socket.destroy();
    store.close();
    await proxy.stop();
  });

  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true });
    await once(socket, 'connect');
    return socket;
  };
  const read = async (socket: Socket, bytes: number): Promise<string> => {
    let text = '';
    while (text.length < bytes) text += String((await once(socket, 'data'))[0]);
    return text;
  };

  it('answers everything in order, each piece at least the delay later', async () => {
    const socket = await open();
    const begun = performance.now();
    for (let index = 0; index < 50; index++) socket.write(String(index % 10));
    expect(await read(socket, 50)).toBe('0123456789'.repeat(5));
    // Timers are a millisecond early at most.
    expect(performance.now() - begun).toBeGreaterThanOrEqual(delayMs - 2);
    socket.destroy();
  });

  it('lets connections wait side by side', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, open));
    const begun = performance.now();
    await Promise.all(sockets.map((socket) => (socket.write('x'), read(socket, 1))));
    expect(performance.now() - begun).toBeLessThan(delayMs * sockets.length);
    for (const socket of sockets) socket.destroy();
  });

  it('ends the connection of a client whose store goes away, and the one at the store when the client goes', async () => {
    const socket = await open();
    socket.write('x');
    await read(socket, 1);
    for (const end of atStore) end.destroy();
    await once(socket, 'close');
    const second = await open();
    second.write('x');
    await read(second, 1);
    const [end] = atStore;
    second.destroy();
    if (end !== undefined) await once(end, 'close');
    expect(atStore.size).toBe(0);
  });
});
