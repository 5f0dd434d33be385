/**
 * What the contract suite runs against: an API server, whichever, known by its kubeconfig, and perhaps a kubectl.
 *
 * @module
 */
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import * as z from 'zod';

/** The server under test. */
export interface Subject {
  /** The kubeconfig as text. */
  readonly kubeconfig: string;
}

const kubeconfigSchema = z.object({
  clusters: z.array(z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) })).min(1),
  users: z
    .array(
      z.object({
        user: z.object({
          token: z.string().optional(),
          'client-certificate-data': z.string().optional(),
          'client-key-data': z.string().optional(),
        }),
      }),
    )
    .min(1),
});

const decoded = (text: string | undefined): string | undefined => (text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8'));

interface Connection {
  readonly url: URL;
  readonly ca: string;
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

const connectionOf = ({ kubeconfig }: Subject): Connection => {
  const { clusters, users } = kubeconfigSchema.parse(parse(kubeconfig));
  const cluster = clusters[0]?.cluster;
  const user = users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error('the kubeconfig names no cluster or no user');
  return {
    url: new URL(cluster.server),
    ca: decoded(cluster['certificate-authority-data']) ?? '',
    token: user.token,
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
};

export interface CallOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly userAgent?: string;
  /** Sent as it is instead of a JSON body. */
  readonly raw?: string;
}

export interface Reply {
  readonly code: number;
  /** The parsed JSON body. */
  readonly body: Json;
  readonly warnings: string;
}

/** A JSON object that a test looks into with `at` and `toMatchObject`. */
export type Json = Record<string, unknown>;

const jsonSchema = z.record(z.string(), z.unknown());

const optionsFor = (subject: Subject, method: string, path: string, options: CallOptions): RequestOptions => {
  const { url, ca, token, cert, key } = connectionOf(subject);
  return {
    method,
    host: url.hostname,
    port: url.port,
    path,
    ca,
    agent: false,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    headers: {
      accept: options.accept ?? 'application/json',
      'content-type': options.contentType ?? 'application/json',
      'user-agent': options.userAgent ?? 'contract/1',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  };
};

const open = (subject: Subject, method: string, path: string, options: CallOptions): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const call = httpsRequest(optionsFor(subject, method, path, options), resolve);
    call.on('error', reject);
    const text = options.raw ?? (options.body === undefined ? '' : JSON.stringify(options.body));
    // Node sends the body of a DELETE without its length, and the server then takes it for the next request.
    call.setHeader('content-length', Buffer.byteLength(text));
    call.end(text);
  });

const readText = async (message: IncomingMessage): Promise<string> => {
  let text = '';
  message.setEncoding('utf8');
  for await (const chunk of message) text += String(chunk);
  return text;
};

/** One request. */
export const call = async (subject: Subject, method: string, path: string, options: CallOptions = {}): Promise<Reply> => {
  const message = await open(subject, method, path, options);
  const text = await readText(message);
  const body = jsonSchema.parse(text.startsWith('{') ? JSON.parse(text) : { text });
  return { code: message.statusCode ?? 0, body, warnings: message.headers['warning'] ?? '' };
};

/** Like `call`, and fails the test when the answer is no success. */
export const must = async (subject: Subject, method: string, path: string, options: CallOptions = {}): Promise<Json> => {
  const { code, body } = await call(subject, method, path, options);
  if (code >= 300) throw new Error(`${method} ${path} answered ${code}: ${JSON.stringify(body)}`);
  return body;
};

/** Server-side apply. */
export const apply = (subject: Subject, path: string, manager: string, body: unknown, force = false): Promise<Reply> =>
  call(subject, 'PATCH', `${path}?fieldManager=${manager}&force=${force}`, { body, contentType: 'application/apply-patch+yaml' });

/** Server-side apply that has to succeed. */
export const mustApply = async (subject: Subject, path: string, manager: string, body: unknown, force = false): Promise<Json> => {
  const reply = await apply(subject, path, manager, body, force);
  if (reply.code >= 300) throw new Error(`apply of ${path} answered ${reply.code}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};

export interface WatchLine {
  readonly type: string;
  readonly object: Json;
}

/** A watch that is being read. */
export interface OpenWatch {
  /** The next line; undefined when the server has ended the watch. */
  next(): Promise<WatchLine | undefined>;
  /** Reads on until a line fits, and returns it. */
  until(fits: (line: WatchLine) => boolean): Promise<WatchLine>;
  close(): void;
}

async function* lines(message: IncomingMessage): AsyncGenerator<WatchLine> {
  let rest = '';
  message.setEncoding('utf8');
  for await (const chunk of message) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield z.object({ type: z.string(), object: jsonSchema }).parse(JSON.parse(part));
  }
}

/** Opens a watch; resolves when the server has answered with its headers. */
export const watch = async (subject: Subject, path: string, accept = 'application/json'): Promise<OpenWatch> => {
  const message = await open(subject, 'GET', path, { accept });
  const reader = lines(message);
  const next = async (): Promise<WatchLine | undefined> => {
    const { value, done } = await reader.next();
    return done === true ? undefined : value;
  };
  return {
    next,
    until: async (fits) => {
      for (;;) {
        const line = await next();
        if (line === undefined) throw new Error('the watch ended before the line came');
        if (fits(line)) return line;
      }
    },
    close: () => message.destroy(),
  };
};

let counter = 0;

/** A new namespace; names are unique within a test run. */
export const newNamespace = async (subject: Subject): Promise<string> => {
  counter += 1;
  const name = `contract-${process.pid}-${counter}`;
  await must(subject, 'POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  return name;
};
