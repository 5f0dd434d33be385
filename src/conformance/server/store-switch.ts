/**
 * Takes the online store away from a running server, and gives it back.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { runTool } from '../../local/toolchain/run-tool.ts';

export interface StoreSwitch {
  /** The store is gone: connections to it are refused. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** The store takes connections and requests, and says nothing. Absent: this switch cannot. */
  readonly silence?: () => Promise<void>;
  close(): Promise<void>;
}

/** By two commands of the user's, each run by a shell. */
export const storeCommands = (down: string, up: string): StoreSwitch => ({
  down: async () => void (await runTool('/bin/sh', ['-c', down])),
  up: async () => void (await runTool('/bin/sh', ['-c', up])),
  close: () => Promise.resolve(),
});

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A proxy in front of the store, through which the server reaches it. */
export class StoreProxy implements StoreSwitch {
  readonly #listen: Address;
  readonly #target: Address;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isSilent = false;

  constructor(listen: Address, target: Address) {
    this.#listen = listen;
    this.#target = target;
  }

  async up(): Promise<void> {
    this.#isSilent = false;
    // Connections that have waited in silence hold half a request: they end, as with a store that was restarted.
    this.#cut();
    if (this.#server !== undefined) return;
    this.#server = createServer((socket) => this.#forward(socket)).listen({ host: this.#listen.host, port: this.#listen.port });
    await once(this.#server, 'listening');
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server === undefined ? undefined : once(server, 'close');
    server?.close();
    this.#cut();
    await closed;
  }

  readonly silence = (): Promise<void> => {
    this.#isSilent = true;
    for (const socket of this.#sockets) {
      socket.unpipe();
      // An unpiped socket stops reading; it has to go on, or the peer would notice a full buffer instead of silence.
      socket.resume();
    }
    return Promise.resolve();
  };

  async close(): Promise<void> {
    await this.down();
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #forward(socket: Socket): void {
    this.#keep(socket);
    if (this.#isSilent) {
      socket.resume();
      return;
    }
    const store = connect({ host: this.#target.host, port: this.#target.port });
    this.#keep(store);
    for (const [one, other] of [[socket, store], [store, socket]] as const) one.once('close', () => other.destroy());
    socket.pipe(store).pipe(socket);
  }

  #keep(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
