import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { OnlineStore } from '../../../../src/worker/store/online-store.ts';
import { openStore, reached, readOf, singleConfig, valuesOf } from '../../support/redis-reads.ts';
import { until } from '../../support/worker-process.ts';

const host = '127.0.0.1';
const value = '$2\r\n\u0020\u0007\r\n';

/** A node of a cluster that answers handshakes as Redis does, and counts. */
class FakeNode {
  connections = 0;
  layouts = 0;
  port = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  /** @param other what it answers to all but a handshake; undefined: the question for the layout */
  constructor(other: (command: string) => string) {
    this.server = createServer((socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        const command = chunk.toString('latin1');
        if (command.includes('SLOTS')) this.layouts++;
        if (command.includes('PING')) socket.write('+PONG\r\n');
        else socket.write(/SLOTS|HMGET/.test(command) ? other(command) : '+OK\r\n');
      });
    });
  }

  async listen(): Promise<void> {
    this.server.listen(0, host);
    await once(this.server, 'listening');
    const address = this.server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

describe('a slot that is on its way to a server that has none', () => {
  const target = new FakeNode(() => `+OK\r\n*3\r\n${value}${value}$-1\r\n`);
  const source: FakeNode = new FakeNode((command) =>
    command.includes('SLOTS') ? `*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n${host}\r\n:${source.port}\r\n` : `-ASK 1 ${host}:${target.port}\r\n`,
  );
  let store: OnlineStore | undefined;

  afterEach(async () => {
    await store?.close();
    source.close();
    target.close();
  });

  it('is read there at once, and over one connection from then on', async () => {
    await source.listen();
    await target.listen();
    const opened = (store = openStore({ ...singleConfig(source.port), topology: 'cluster' }));
    await reached(opened);
    const isRead = async (): Promise<void> => expect(await valuesOf(opened, readOf(1))).toEqual([['7'], ['7']]);
    await isRead();
    const layouts = source.layouts;
    await until('the layout has been asked for twice more', async () => (await isRead(), source.layouts > layouts + 1));
    await isRead();
    expect(target.connections).toBe(1);
  }, 30_000);
});
