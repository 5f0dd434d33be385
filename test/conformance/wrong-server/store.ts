/**
 * A store of one value over TCP: `GET` is answered with a line. And the client of the small server.
 *
 * @module
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';

/** Starts the store on a free port of 127.0.0.1. */
export const startStore = async (): Promise<{ port: number; server: Server }> => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write('42\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens on a port has no other kind of address.
  return { port: (server.address() as AddressInfo).port, server };
};

/** Asks the store on a connection of its own; rejects after `timeoutMs`. */
export const askStore = async (port: number, timeoutMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const timer = setTimeout(() => socket.destroy(new Error('the store says nothing')), timeoutMs);
    socket.on('connect', () => socket.write('GET\n'));
    socket.on('data', (chunk) => {
      resolve(chunk.toString('utf8').trim());
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the store closed the connection'));
    });
  });
