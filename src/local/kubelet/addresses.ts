/**
 * An address for each pod: one of 127.0.0.0/8 where the system lets programs listen on all of it, as Linux does.
 *
 * @module
 */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import type { Random } from '../../runtime/ports.ts';

/** Where one pod listens. */
export interface PodAddress {
  readonly ip: string;
  /** Port of this machine by port that the container declares. Empty: they are the same. */
  readonly ports: ReadonlyMap<number, number>;
}

/** Held for the whole run on the first address of the network, so that two runs never share one. */
const lockPort = 6565;
const networks = 64_000;
const perNetwork = 250;

const listen = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

const canListen = async (host: string, port: number): Promise<boolean> => {
  try {
    await close(await listen(host, port));
    return true;
  } catch {
    return false;
  }
};

/** Gives out addresses of one network 127.x.y.0/24, or ports of 127.0.0.1 where there is none. */
export class Addresses {
  readonly #network: string | undefined;
  readonly #lock: Server | undefined;
  readonly #taken = new Set<number>();
  #next = 2;

  private constructor(network: string | undefined, lock: Server | undefined) {
    this.#network = network;
    this.#lock = lock;
  }

  /** Finds a network that no other run holds. */
  static async open(random: Random): Promise<Addresses> {
    for (let attempt = 0; attempt < 8; attempt++) {
      const index = Math.floor(random() * networks);
      const network = `127.${1 + Math.floor(index / 256)}.${index % 256}`;
      try {
        const lock = await listen(`${network}.1`, lockPort);
        lock.unref();
        return new Addresses(network, lock);
      } catch {
        // Held by another run, or no such addresses here.
      }
    }
    return new Addresses(undefined, undefined);
  }

  /** False where each pod has to have its own ports instead of its own address. */
  get ownAddresses(): boolean {
    return this.#network !== undefined;
  }

  /** An address on which these ports are free. */
  async take(ports: readonly number[]): Promise<PodAddress> {
    for (let attempt = 0; this.#network !== undefined && attempt < perNetwork; attempt++) {
      const host = 2 + ((this.#next++ - 2) % perNetwork);
      if (this.#taken.has(host)) continue;
      const ip = `${this.#network}.${host}`;
      const free = await Promise.all(ports.map((port) => canListen(ip, port)));
      // A program of this machine that listens on all addresses holds the port on each of them.
      if (!free.every(Boolean)) break;
      this.#taken.add(host);
      return { ip, ports: new Map() };
    }
    return { ip: '127.0.0.1', ports: await freePorts(ports) };
  }

  /** Gives an address back. */
  release({ ip }: PodAddress): void {
    if (ip !== '127.0.0.1') this.#taken.delete(Number(ip.split('.').at(-1)));
  }

  /** Lets other runs have the network. */
  close(): void {
    this.#lock?.close();
  }
}

const freePorts = async (ports: readonly number[]): Promise<Map<number, number>> => {
  // All are held at once, so that no two are the same.
  const servers = await Promise.all(ports.map(() => listen('127.0.0.1', 0)));
  const free = servers.map((server) => {
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  });
  await Promise.all(servers.map(close));
  return new Map(ports.map((port, index) => [port, free[index] ?? port]));
};
