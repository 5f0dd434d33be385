/**
 * Serves metrics pages on many ports, in a process of its own, so that its CPU is not counted as the scraper's.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { paddedPage } from '../../controllers/scrape/support/pool-page.ts';

const [bytes = 20_000, ports = 64] = process.argv.slice(2).map(Number);
const started = performance.now();

/** Pages are made once a tenth of a second, so that the server is not what is measured. */
let page = Buffer.alloc(0);
let madeAt = -Infinity;
const pageNow = (): Buffer => {
  if (performance.now() - madeAt > 100) {
    madeAt = performance.now();
    const requests = Math.round((madeAt - started) / 5);
    page = Buffer.from(paddedPage({ requests, response: 0.03, service: 0.025, store: 0.02, cpu: requests * 0.004 }, bytes));
  }
  return page;
};

const listen = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer((_request, response) => {
      const body = pageNow();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', 'content-length': body.length }).end(body);
    });
    server.keepAliveTimeout = 60_000;
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(isAddress(address) ? address.port : 0);
    });
  });

const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === 'object' && address !== null;

const listening: number[] = [];
for (let index = 0; index < ports; index += 1) listening.push(await listen());
process.send?.({ ports: listening });
// The parent's end, however it comes, closes the channel.
process.on('disconnect', () => process.exit(0));
