/**
 * A TCP proxy that passes each request on a while later: a store at the other end of a busy network. It takes no CPU of the server.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Places } from './places.ts';

export interface SlowProxyOptions {
  readonly host: string;
  readonly port: number;
  /** Time between a client's bytes and the store's, ms. */
  readonly delayMs: number;
}

export interface SlowProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Requests that wait for a place. */
  readonly waiting: number;
  /** From now on so many requests are under way at once; the others wait for a place. */
  limit(atOnce: number): void;
  stop(): Promise<void>;
}

/** Requests that may wait for a place. A client whose request comes then is cut off: a store that is overrun does no better. */
const mostWaiting = 10_000;

/** Starts the proxy on a free port. */
export const startSlowProxy = async ({ host, port, delayMs }: SlowProxyOptions): Promise<SlowProxy> => {
  const open = new Set<Socket>();
  const places = new Places({ holdMs: delayMs, mostWaiting });
  const server = createServer({ noDelay: true }, (client) => {
    const store = connect({ host, port, noDelay: true });
    for (const socket of [client, store]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    join(client, store, { places, delayMs });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  const stop = async (): Promise<void> => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  };
  return {
    port: address.port,
    get waiting() {
      return places.waiting;
    },
    limit: (atOnce) => places.limit(atOnce),
    stop,
  };
};

/** Equal delays keep the order. Answers go back at once; what ends on one side ends on the other. */
const join = (client: Socket, store: Socket, { places, delayMs }: { places: Places; delayMs: number }): void => {
  const cut = (): void => {
    client.destroy();
    store.destroy();
  };
  client.on('data', (chunk: Buffer) => {
    if (!places.take(() => void (store.writable && store.write(chunk)))) cut();
  });
  client.on('end', () => setTimeout(() => store.end(), delayMs));
  store.pipe(client);
  client.on('error', cut);
  store.on('error', cut);
  client.on('close', () => store.destroy());
};
