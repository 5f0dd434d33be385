/**
 * What bad requests and bad readers get from the embedded API server.
 *
 * @module
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call, watch, type Subject } from '../../contract/subject.ts';
import { configMap, configMaps } from '../../contract/objects.ts';
import { startApiServer, type ApiServer } from '../../../src/local/apiserver/start-api-server.ts';

describe('the embedded API server under bad input', () => {
  let server: ApiServer;
  let subject: Subject;
  beforeEach(async () => {
    server = await startApiServer({ historyLength: 4 });
    subject = { kubeconfig: server.kubeconfig() };
  });
  afterEach(() => server.stop());

  it('refuses a body that is too large, and stays up', async () => {
    const raw = JSON.stringify(configMap('big', { k: 'x'.repeat(4 * 1024 * 1024) }));
    // The server may close the connection before the whole body is sent: then the client sees a reset.
    const code = await call(subject, 'POST', configMaps('default'), { raw }).then((reply) => reply.code, () => 413);
    expect(code).toBe(413);
    expect((await call(subject, 'GET', configMaps('default'))).code).toBe(200);
  });

  it.each([
    ['an empty body', ''],
    ['a list', '[]'],
    ['a number', '1'],
    ['half an object', '{"metadata": {'],
    ['metadata that is a text', '{"metadata":"x"}'],
  ])('answers 400 to %s', async (_what, raw) => {
    const { code, body } = await call(subject, 'POST', configMaps('default'), { raw });
    expect({ code, kind: body['kind'] }).toEqual({ code: 400, kind: 'Status' });
  });

  it('speaks no protobuf, and says what it reads', async () => {
    const { code, body } = await call(subject, 'POST', configMaps('default'), { raw: 'k8s\0x', contentType: 'application/vnd.kubernetes.protobuf' });
    expect(code).toBe(415);
    expect(body['message']).toContain('application/json');
  });

  it.each(['limit=-1', 'watch=maybe', 'timeoutSeconds=soon', 'labelSelector=a%3D%3D%3Db', 'fieldSelector=nonsense'])('answers 400 to ?%s', async (query) => {
    expect((await call(subject, 'GET', `${configMaps('default')}?${query}`)).code).toBe(400);
  });

  it('answers 400 to a path that is badly encoded', async () => {
    expect((await call(subject, 'GET', '/api/v1/namespaces/%ff/configmaps')).code).toBe(400);
  });

  it('says what it is when asked for a kind it does not serve', async () => {
    const { code, body } = await call(subject, 'GET', '/apis/batch/v1/namespaces/default/jobs');
    expect(code).toBe(404);
    expect(body['message']).toMatch(/embedded API server .* serves no jobs in batch\/v1; use a real cluster/u);
  });

  it.each(['pods/p/exec', 'pods/p/log', 'pods/p/binding'])('says that %s is not supported', async (path) => {
    const { code, body } = await call(subject, 'GET', `/api/v1/namespaces/default/${path}`);
    expect(code).toBe(405);
    expect(body['message']).toContain('use a real cluster');
  });

  it('refuses a wrong token', async () => {
    const stranger = { kubeconfig: subject.kubeconfig.replace(server.token, 'wrong') };
    const { code, body } = await call(stranger, 'GET', '/version');
    expect({ code, reason: body['reason'] }).toEqual({ code: 401, reason: 'Unauthorized' });
  });

  it('forgets old changes: a watch from before them gets 410, a list goes on', async () => {
    const first = await call(subject, 'POST', configMaps('default'), { body: configMap('a0') });
    for (let i = 1; i < 8; i += 1) await call(subject, 'POST', configMaps('default'), { body: configMap(`a${i}`) });
    const { metadata } = first.body;
    const version = JSON.stringify(metadata).match(/"resourceVersion":"(\d+)"/u)?.[1] ?? '';
    const open = await watch(subject, `${configMaps('default')}?watch=true&resourceVersion=${version}`);
    expect(await open.next()).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    open.close();
    const page = await call(subject, 'GET', `${configMaps('default')}?limit=3`);
    expect(page.body).toMatchObject({ items: [{}, {}, {}] });
  });

  it('ends all watches when it stops', async () => {
    const open = await watch(subject, `${configMaps('default')}?watch=true`);
    const ended = open.next().then(
      () => 'ended',
      () => 'ended',
    );
    await server.stop();
    expect(await ended).toBe('ended');
    await expect(call(subject, 'GET', '/version')).rejects.toThrow();
  });

  it('gives the same objects the same resourceVersions in every run', async () => {
    const other = await startApiServer();
    const versions: unknown[] = [];
    for (const each of [subject, { kubeconfig: other.kubeconfig() }]) {
      const { body } = await call(each, 'POST', configMaps('default'), { body: configMap('same') });
      versions.push(JSON.stringify(body).match(/"resourceVersion":"(\d+)"/u)?.[1]);
    }
    await other.stop();
    expect(versions[0]).toBe(versions[1]);
    expect(versions[0]).toMatch(/^\d+$/u);
  });
});
