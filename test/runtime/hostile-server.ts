/**
 * A real HTTP server that speaks just enough of the Kubernetes API to be listed and watched, and that misbehaves on command.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { configMap } from './support/objects.ts';
import type { KubeObject, WatchEvent } from '../../src/runtime/ports.ts';

/** Answers a request instead of the server; false lets the server answer. */
export type Misbehaviour = (request: URL, response: ServerResponse) => boolean;

interface Watcher {
  readonly response: ServerResponse;
}

export class HostileServer {
  /** What the server holds: the truth that a reflector must converge to. */
  objects = new Map<string, KubeObject>();
  version = 100;
  /** Versions up to this one are compacted: a watch from them is answered with 410. */
  compacted = 0;
  lists: URL[] = [];
  watches: URL[] = [];
  misbehave: Misbehaviour = () => false;
  #watchers = new Set<Watcher>();
  #history: { version: number; line: string }[] = [];
  #server: Server | undefined;
  #sockets = new Set<Socket>();
  #port = 0;
  #waiting: (() => void)[] = [];

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get openWatches(): number {
    return this.#watchers.size;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address() as AddressInfo;
    this.#port = address.port;
    this.#server = server;
  }

  /** Cuts every connection and stops listening; `start` opens the same port again. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#watchers.clear();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  }

  /** Makes or changes an object and tells the watchers. */
  put(name: string, data: Record<string, string> = {}): void {
    this.version += 1;
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED';
    const object = configMap(name, String(this.version), { data });
    this.objects.set(name, object);
    this.#tell(type, object);
  }

  delete(name: string): void {
    this.version += 1;
    this.objects.delete(name);
    this.#tell('DELETED', configMap(name, String(this.version)));
  }

  bookmark(): void {
    this.#tell('BOOKMARK', { metadata: { resourceVersion: String(this.version) } });
  }

  /** The storage is replaced by an older one. */
  restoreBackup(objects: readonly KubeObject[], version: number): void {
    this.objects = new Map(objects.map((object) => [object.metadata.name ?? '', object]));
    this.version = version;
    this.#history = [];
  }

  /** Writes raw text into every open watch. */
  write(text: string): void {
    this.writeBytes(Buffer.from(text));
  }

  /** Writes raw bytes into every open watch. */
  writeBytes(bytes: Uint8Array): void {
    for (const { response } of this.#watchers) response.write(bytes);
  }

  /** Forgets the open watches without closing them: nothing comes any more, and nobody hears why. */
  loseWatchers(): void {
    this.#watchers.clear();
  }

  /** Ends every open watch: cleanly, or by cutting the connection. */
  endWatches(how: 'clean' | 'cut' = 'clean'): void {
    for (const { response } of this.#watchers) {
      if (how === 'clean') response.end();
      else response.destroy();
    }
    this.#watchers.clear();
  }

  /** Resolves as soon as `condition` holds; looked at after each request and each closed watch. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #happened(): void {
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }

  #tell(type: WatchEvent['type'], object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    if (type !== 'BOOKMARK') this.#history.push({ version: this.version, line });
    this.write(line);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    const isWatch = url.searchParams.has('watch');
    (isWatch ? this.watches : this.lists).push(url);
    if (!this.misbehave(url, response)) {
      if (isWatch) this.#watch(url, response);
      else this.#list(url, response);
    }
    this.#happened();
  }

  #list(url: URL, response: ServerResponse): void {
    const all = [...this.objects.values()];
    const limit = Number(url.searchParams.get('limit') ?? '0');
    const from = Number((url.searchParams.get('continue') ?? 't0').slice(1));
    const items = limit > 0 ? all.slice(from, from + limit) : all;
    const more = from + items.length < all.length;
    const metadata = { resourceVersion: String(this.version), ...(more ? { continue: `t${from + items.length}` } : {}) };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'ConfigMapList', apiVersion: 'v1', metadata, items }));
  }

  #watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    if (from < this.compacted) {
      refuse(response, 410, 'Expired');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { version, line } of this.#history) if (version > from) response.write(line);
    const watcher = { response };
    this.#watchers.add(watcher);
    response.on('close', () => {
      this.#watchers.delete(watcher);
      this.#happened();
    });
  }
}

/** Answers with a Status object. */
export const refuse = (response: ServerResponse, code: number, reason: string, headers: Record<string, string> = {}): void => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `${reason} on purpose` }));
};
