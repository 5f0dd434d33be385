/**
 * The HTTPS listener.
 *
 * @module
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EngineParts } from '../engine/context.ts';
import { createAuthenticator } from './authenticate.ts';
import { sendError } from './respond.ts';
import { route } from './router.ts';

export interface ListenOptions {
  readonly certPem: string;
  readonly keyPem: string;
  readonly token: string;
  readonly port: number;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

const handler = (parts: EngineParts, token: string) => {
  const authenticate = createAuthenticator(token);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      authenticate(request.headers.authorization);
      await route(parts, request, response);
    } catch (error) {
      sendError(response, error);
      // A body that was not read to its end would be taken for the next request.
      if (!request.complete) request.destroy();
    }
  };
};

/** Listens on 127.0.0.1. Rejects with the socket's error when the port cannot be had. */
export const listenHttps = async (parts: EngineParts, options: ListenOptions): Promise<Listener> => {
  const handle = handler(parts, options.token);
  const server = createServer({ key: options.keyPem, cert: options.certPem }, (request, response) => void handle(request, response));
  // Watches are long; what must be quick is the request itself.
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
