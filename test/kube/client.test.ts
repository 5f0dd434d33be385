import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { createApiClient } from '../../src/kube/client.ts';
import type { KubeClient, KubeClientOptions } from '../../src/kube/client.ts';
import type { Credentials, KubeConnection } from '../../src/kube/load-kube-config.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { ResourceType } from '../../src/runtime/ports.ts';
import { configMap, configMapType } from '../runtime/support/objects.ts';
import { RecordingMetrics } from '../runtime/support/recorders.ts';
import { FakeClock } from '../runtime/support/fake-clock.ts';

type Answer = (request: IncomingMessage & { text: string }, response: ServerResponse) => void;

const deploymentType: ResourceType = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true };
const leftOver: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of leftOver.splice(0)) await end();
});

const certificate = () => generate([{ name: 'commonName', value: 'localhost' }], { extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }] });

/** A TLS server that counts its connections and answers as told. */
const startServer = async (answer: Answer) => {
  const pems = await certificate();
  const server: Server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => answer(Object.assign(request, { text }), response));
  });
  let connections = 0;
  server.on('secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leftOver.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, ca: pems.cert, connections: () => connections };
};

const startClient = (server: { url: string; ca: string }, options: Partial<KubeClientOptions> = {}, authenticate?: () => Promise<Credentials>) => {
  const metrics = new RecordingMetrics();
  const connection: KubeConnection = {
    server: server.url,
    namespace: undefined,
    source: 'test',
    proxyUrl: undefined,
    authenticate: authenticate ?? (async () => ({ tls: { ca: server.ca }, headers: { authorization: 'Bearer t' } })),
  };
  const client: KubeClient = createApiClient(connection, { clock: systemClock(), metrics, ...options });
  leftOver.unshift(() => client.close());
  return { client, metrics };
};

const json = (response: ServerResponse, value: unknown, code = 200): void => {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

describe('client', () => {
  it('sends what the API expects', async () => {
    const seen: string[] = [];
    const server = await startServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${request.text}`);
      json(response, configMap('a', '1'));
    });
    const { client } = startClient(server);
    const object = { metadata: { namespace: 'ns', name: 'a', resourceVersion: '7' }, data: {} };
    const key = { namespace: 'ns', name: 'a' };
    await client.get(configMapType, key);
    await client.create(configMapType, object, { fieldManager: 'm', dryRun: true });
    await client.apply(deploymentType, object, { fieldManager: 'm', force: true });
    await client.apply(deploymentType, object, { fieldManager: 'm', subresource: 'status' });
    await client.replace(deploymentType, object, { fieldManager: 'm', subresource: 'scale', force: true });
    await client.delete(configMapType, key, { uid: 'u', propagation: 'Foreground', gracePeriodSeconds: 0 });
    const body = (apiVersion: string, kind: string): string => JSON.stringify({ apiVersion, kind, ...object });
    expect(seen).toEqual([
      'GET /api/v1/namespaces/ns/configmaps/a - ',
      `POST /api/v1/namespaces/ns/configmaps?fieldManager=m&dryRun=All application/json ${body('v1', 'ConfigMap')}`,
      `PATCH /apis/apps/v1/namespaces/ns/deployments/a?fieldManager=m&force=true application/apply-patch+yaml ${body('apps/v1', 'Deployment')}`,
      `PATCH /apis/apps/v1/namespaces/ns/deployments/a/status?fieldManager=m application/apply-patch+yaml ${body('apps/v1', 'Deployment')}`,
      `PUT /apis/apps/v1/namespaces/ns/deployments/a/scale?fieldManager=m application/json ${body('apps/v1', 'Deployment')}`,
      'DELETE /api/v1/namespaces/ns/configmaps/a application/json {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Foreground","gracePeriodSeconds":0}',
    ]);
  });

  it('refuses a replace without a resourceVersion, which would overwrite changes unseen', async () => {
    const server = await startServer((_request, response) => json(response, {}));
    await expect(startClient(server).client.replace(configMapType, { metadata: { name: 'a' } }, { fieldManager: 'm' })).rejects.toMatchObject({ kind: 'Invalid' });
  });

  it('reuses connections for a hundred requests in a row, and opens a bounded number for a hundred at once', async () => {
    const server = await startServer((_request, response) => json(response, configMap('a', '1')));
    const { client, metrics } = startClient(server, { maxConnections: 5 });
    for (let count = 0; count < 100; count += 1) await client.get(configMapType, { name: 'a' });
    // Two: undici opens a second one when the next request comes in the same turn in which the first answer ends.
    expect(server.connections()).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 100 }, () => client.get(configMapType, { name: 'a' })));
    expect(server.connections()).toBeLessThanOrEqual(5);
    expect(metrics.value('rest_client_requests_total', { code: '200', method: 'GET' })).toBe(200);
  });

  it('keeps watches from taking the connections of writes, and ends a watch that nobody reads any more', async () => {
    let closed = (): void => undefined;
    const watchClosed = new Promise<void>((resolve) => (closed = resolve));
    const server = await startServer((request, response) => {
      if (!(request.url ?? '').includes('watch=')) {
        json(response, configMap('a', '1'));
        return;
      }
      response.write(`${JSON.stringify({ type: 'ADDED', object: configMap('a', '1') })}\n`);
      response.on('close', closed);
    });
    const { client } = startClient(server, { maxConnections: 1 });
    for await (const event of client.watch(configMapType, { resourceVersion: '0', timeoutSeconds: 300, signal: new AbortController().signal })) {
      expect(event.object.metadata.name).toBe('a');
      await client.get(configMapType, { name: 'a' });
      break;
    }
    await watchClosed;
  });

  it('lets a watch live longer than any other request may take', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(200);
      response.flushHeaders();
      setTimeout(() => response.end(`${JSON.stringify({ type: 'ADDED', object: configMap('a', '1') })}\n`), 1_500);
    });
    const { client } = startClient(server, { requestTimeoutMs: 1_000 });
    const seen: string[] = [];
    for await (const { type } of client.watch(configMapType, { resourceVersion: '0', timeoutSeconds: 300, signal: new AbortController().signal })) seen.push(type);
    expect(seen).toEqual(['ADDED']);
  });

  it('ends a watch whose server does not even begin to answer', async () => {
    const { client } = startClient(await startServer(() => undefined), { requestTimeoutMs: 200 });
    const watch = client.watch(configMapType, { resourceVersion: '0', timeoutSeconds: 300, signal: new AbortController().signal });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: 'Network', message: expect.stringMatching(/^watch configmaps: .*within 200 ms/) });
  });

  it.each([
    { name: 'a body without end', answer: ((_request, response) => void setInterval(() => response.write('x'.repeat(10_000)), 1).unref()) satisfies Answer, kind: 'Malformed', says: 'larger than 100000 bytes' },
    { name: 'no answer', answer: (() => undefined) satisfies Answer, kind: 'Network', says: 'no whole answer within 300 ms', limitMs: 300 },
    { name: 'one byte a while', answer: ((_request, response) => void setInterval(() => response.write('x'), 20).unref()) satisfies Answer, kind: 'Network', says: 'no whole answer within 300 ms', limitMs: 300 },
    { name: 'no JSON', answer: ((_request, response) => void response.end('<html>')) satisfies Answer, kind: 'Malformed', says: 'not JSON' },
    { name: 'JSON of another shape', answer: ((_request, response) => json(response, [])) satisfies Answer, kind: 'Malformed', says: 'no metadata' },
    { name: 'a cut connection', answer: ((_request, response) => void response.destroy()) satisfies Answer, kind: 'Network', says: 'no answer from the API server' },
    { name: 'an error', answer: ((_request, response) => json(response, { kind: 'Status', reason: 'Conflict', message: 'field owned by x' }, 409)) satisfies Answer, kind: 'Conflict', says: '409 Conflict: field owned by x' },
    { name: 'an endless page of a proxy', answer: ((_request, response) => { response.writeHead(502); setInterval(() => response.write('x'.repeat(10_000)), 1).unref(); }) satisfies Answer, kind: 'Unavailable', says: '502' },
  ])('answers $name with one clear error', async ({ answer, kind, says, limitMs }: { answer: Answer; kind: string; says: string; limitMs?: number }) => {
    const { client } = startClient(await startServer(answer), { requestTimeoutMs: limitMs ?? 30_000, maxResponseBytes: 100_000 });
    const failure = client.get(deploymentType, { namespace: 'default', name: 'ranking' });
    await expect(failure).rejects.toMatchObject({ name: 'ApiError', kind, message: expect.stringMatching(/^get Deployment default\/ranking: /) });
    await expect(failure).rejects.toThrow(says);
  });

  it('counts requests that got no answer, and names the abort of the caller', async () => {
    const server = await startServer(() => undefined);
    const { client, metrics } = startClient(server);
    const stop = new AbortController();
    const request = client.get(configMapType, { name: 'a' }, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(request).rejects.toMatchObject({ kind: 'Aborted', message: expect.stringContaining('enough') });
    expect(metrics.value('rest_client_requests_total', { code: '<error>', method: 'GET' })).toBe(1);
  });

  it('does not trust a server whose certificate is not of the CA', async () => {
    const server = await startServer((_request, response) => json(response, configMap('a', '1')));
    const other = await certificate();
    const { client } = startClient({ url: server.url, ca: other.cert });
    await expect(client.get(configMapType, { name: 'a' })).rejects.toMatchObject({ kind: 'Network' });
  });

  it('reads a rotated token again after a 401, and keeps its connection while the certificates stay the same', async () => {
    let valid = 'one';
    const server = await startServer((request, response) => {
      if (request.headers.authorization === `Bearer ${valid}`) json(response, configMap('a', '1'));
      else json(response, { kind: 'Status', reason: 'Unauthorized' }, 401);
    });
    let token = 'one';
    const clock = new FakeClock();
    const { client } = startClient(server, { clock }, async () => ({ tls: { ca: server.ca }, headers: { authorization: `Bearer ${token}` } }));
    await client.get(configMapType, { name: 'a' });
    token = 'two';
    valid = 'two';
    clock.pauseProcess(2_000);
    await expect(client.get(configMapType, { name: 'a' })).resolves.toBeDefined();
    expect(server.connections()).toBeLessThanOrEqual(2);
    valid = 'three';
    await expect(client.get(configMapType, { name: 'a' })).rejects.toMatchObject({ kind: 'Unauthorized' });
  });

  it('opens new connections when the CA changes', async () => {
    const server = await startServer((_request, response) => json(response, configMap('a', '1')));
    let extra = '';
    const clock = new FakeClock();
    const { client } = startClient(server, { clock }, async () => ({ tls: { ca: server.ca + extra }, headers: {} }));
    await client.get(configMapType, { name: 'a' });
    clock.pauseProcess(60_000);
    for (let count = 0; count < 10; count += 1) await client.get(configMapType, { name: 'a' });
    const before = server.connections();
    expect(before).toBeLessThanOrEqual(2);
    extra = '\n';
    clock.pauseProcess(60_000);
    await client.get(configMapType, { name: 'a' });
    expect(server.connections()).toBe(before + 1);
  });

  it('does not wait for a credential helper that hangs, neither with a request nor with its close', async () => {
    const server = await startServer((_request, response) => json(response, configMap('a', '1')));
    const { client } = startClient(server, { requestTimeoutMs: 200 }, () => new Promise(() => undefined));
    const request = client.get(configMapType, { name: 'a' });
    await expect(request).rejects.toMatchObject({ kind: 'Network', message: expect.stringContaining('the credentials of test have not come: no whole answer within 200 ms') });
    await client.close();
  });

  it('says which credentials cannot be read', async () => {
    const server = await startServer((_request, response) => json(response, configMap('a', '1')));
    const { client } = startClient(server, {}, () => Promise.reject(new Error('kubeconfig /x: no token')));
    await expect(client.get(configMapType, { name: 'a' })).rejects.toThrow('get ConfigMap a: no answer from the API server: kubeconfig /x: no token');
  });
});
