/**
 * Pods for tests: real HTTP servers on loopback, well-behaved or not.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { PodTarget } from '../../../../src/controllers/scrape/ports.ts';
import type { Logger } from '../../../../src/runtime/ports.ts';

export interface TestPod {
  target: PodTarget;
  requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  stop(): Promise<void>;
}

const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === 'object' && address !== null;

/** Starts a pod whose admin port answers with `answer`. */
export const startPod = async (name: string, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestPod> => {
  const requests: TestPod['requests'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const target = { key: name, name: `shop/${name}`, host: '127.0.0.1', port: isAddress(address) ? address.port : 0, incarnation: '1' };
  return {
    target,
    requests,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, with: () => silentLogger };
