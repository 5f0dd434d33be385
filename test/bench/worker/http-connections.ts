/**
 * A lean HTTP/1.1 client for load generation: one request at a time on each connection, new connections when all are busy.
 * Node's own client costs several times the CPU, and would be what is measured on a small machine.
 *
 * @module
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What became of a request: its status, or 0 when the connection broke. */
export type Done = (status: number) => void;

interface Connection {
  socket: Socket;
  done: Done | undefined;
  buffered: string;
  needed: number;
  closing: boolean;
  status: number;
}

export class HttpConnections {
  private readonly idle: Connection[] = [];
  private readonly message: string;
  private readonly port: number;

  /** @param keepAlive false asks the server to close each connection after its answer */
  constructor(port: number, path: string, body: string, keepAlive: boolean) {
    this.port = port;
    const end = keepAlive ? '' : '\r\nconnection: close';
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}${end}`;
    this.message = `${head}\r\n\r\n${body}`;
  }

  send(done: Done): void {
    const connection = this.idle.pop() ?? this.open();
    connection.done = done;
    connection.buffered = '';
    connection.needed = 0;
    connection.socket.write(this.message);
  }

  private open(): Connection {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    const connection: Connection = { socket, done: undefined, buffered: '', needed: 0, closing: false, status: 0 };
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => this.receive(connection, String(chunk)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const at = this.idle.indexOf(connection);
      if (at >= 0) this.idle.splice(at, 1);
      this.finish(connection, 0);
    });
    return connection;
  }

  private receive(connection: Connection, chunk: string): void {
    connection.buffered += chunk;
    if (connection.needed === 0 && !readHead(connection)) return;
    if (connection.buffered.length < connection.needed) return;
    if (connection.closing) connection.socket.destroy();
    else this.idle.push(connection);
    this.finish(connection, connection.status);
  }

  private finish(connection: Connection, status: number): void {
    const { done } = connection;
    connection.done = undefined;
    done?.(status);
  }
}

function readHead(connection: Connection): boolean {
  const end = connection.buffered.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = connection.buffered.slice(0, end).toLowerCase();
  connection.status = Number(head.slice(9, 12));
  connection.closing = head.includes('connection: close');
  connection.needed = end + 4 + Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  return true;
}
