/**
 * The store stand-in as a process of its own. Without an argument it answers each line with a line; with the port of a Redis it passes
 * on what a client sends once the queue has served it, one unit for each burst of bytes, in the order of the connection.
 *
 * @module
 */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { seededRandom } from '../../../../src/local/load/random.ts';
import { StoreQueue } from './behaviour.ts';
import { toStoreSchema } from './messages.ts';

const redisPort = process.argv[2] === undefined ? null : Number(process.argv[2]);
const queue = new StoreQueue({ places: null, serviceMs: 1 }, seededRandom(1));

const answerLines = (client: Socket): void => {
  client.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 0x0a) queue.serve(() => void (client.writable && client.write('value\n')));
  });
};

const passOn = (client: Socket, port: number): void => {
  const store = connect({ host: '127.0.0.1', port, noDelay: true });
  const pending: { chunk: Buffer; isServed: boolean }[] = [];
  client.on('data', (chunk: Buffer) => {
    const unit = { chunk, isServed: false };
    pending.push(unit);
    queue.serve(() => {
      unit.isServed = true;
      for (let first = pending[0]; first?.isServed === true; first = pending[0]) {
        pending.shift();
        if (store.writable) store.write(first.chunk);
      }
    });
  });
  store.pipe(client);
  for (const [one, other] of [[client, store], [store, client]] as const) {
    one.once('close', () => other.destroy());
    one.on('error', () => one.destroy());
  }
};

const server = createServer({ noDelay: true }, (client) => {
  client.on('error', () => client.destroy());
  if (redisPort === null) answerLines(client);
  else passOn(client, redisPort);
});

process.on('message', (raw) => queue.become(toStoreSchema.parse(raw)));
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.send?.({ port: address.port });
});
