/**
 * The operator's HTTP port: probes, metrics, and a read-only view of the fleets as JSON.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Express, Request, Response } from 'express';
import type { Logger } from '../runtime/ports.ts';
import type { OperatorMetrics } from './metrics.ts';

export interface HttpOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  metrics: Pick<OperatorMetrics, 'page'>;
  logger: Logger;
  /** True when the caches are filled. */
  ready(): boolean;
  /** True while this process leads; told by `/readyz`, which is 200 on standby as well. */
  leading(): boolean;
  /** Summaries of all fleets, JSON. */
  fleets(): unknown[];
  /** One fleet in full, or undefined. */
  fleet(namespace: string, name: string): unknown;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The port cannot be had; the message says which and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Starts to listen. @throws ListenError when the port is taken or may not be used. */
export const startHttpServer = async (options: HttpOptions): Promise<RunningServer> => {
  // A slow reader may not hold a socket for ever.
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 5_000 }, application(options));
  server.maxConnections = 256;
  // Kept connections must not keep a probe out.
  server.on('drop', () => server.closeIdleConnections());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(options, error)));
    server.listen(options.port, options.host, resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host: options.host, port: addressOf(server.address()).port, close };
};

const addressOf = (address: AddressInfo | string | null): { port: number } => (typeof address === 'object' && address !== null ? address : { port: 0 });

const listenError = ({ host, port }: HttpOptions, error: NodeJS.ErrnoException): ListenError => {
  const remedy = error.code === 'EADDRINUSE' ? 'is taken by another process; choose another one with --http-port' : `cannot be used (${error.message})`;
  return new ListenError(`port ${port} on ${host} ${remedy}`, { cause: error });
};

const application = (options: HttpOptions): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => response.type('text').send('ok\n'));
  app.get('/readyz', (_request, response) => readiness(options, response));
  app.get('/metrics', (_request, response) => metricsPage(options, response));
  app.get('/api/fleets', (_request, response) => response.json({ fleets: options.fleets() }));
  app.get('/api/fleets/:namespace/:name', (request, response) => oneFleet(options, request, response));
  app.use((request, response) => notHere(request, response));
  return app;
};

const readiness = (options: HttpOptions, response: Response): void => {
  const role = options.leading() ? 'leading' : 'standby';
  const ready = options.ready();
  response.status(ready ? 200 : 503).type('text').send(ready ? `ok ${role}\n` : 'the caches are not filled yet\n');
};

const metricsPage = async ({ metrics, logger }: HttpOptions, response: Response): Promise<void> => {
  try {
    const { contentType, body } = await metrics.page();
    response.type(contentType).send(body);
  } catch (error) {
    logger.error('the metrics page failed', { error });
    response.status(500).type('text').send('the metrics page failed; see the log\n');
  }
};

const oneFleet = (options: HttpOptions, request: Request<{ namespace: string; name: string }>, response: Response): void => {
  const { namespace, name } = request.params;
  const found = options.fleet(namespace, name);
  if (found === undefined) response.status(404).json({ error: `there is no FeatureServer ${namespace}/${name}` });
  else response.json(found);
};

const notHere = (request: Request, response: Response): void => {
  const known = '/metrics, /healthz, /readyz, /api/fleets, /api/fleets/NAMESPACE/NAME';
  if (request.method === 'GET' || request.method === 'HEAD') response.status(404).json({ error: `nothing here; there are ${known}` });
  else response.status(405).set('Allow', 'GET, HEAD').json({ error: 'this port is read-only' });
};
