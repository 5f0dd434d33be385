/**
 * The contract of tables, partial metadata, discovery and OpenAPI.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { at, fieldsOf, listOf } from '../../src/local/apiserver/json.ts';
import { configMap, configMaps, deployment, deployments, events, featureServer, pod, pods, servers, service, services } from './objects.ts';
import { call, must, newNamespace, watch, type Json, type Subject } from './subject.ts';

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const partialType = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

const columnsIn = (table: Json): readonly unknown[] => listOf(table['columnDefinitions']).map((column) => at(column, 'name'));
const cellsIn = (table: Json): readonly unknown[] => listOf(at(listOf(table['rows'])[0], 'cells'));
/** The first row as an object, by column. */
const rowIn = (table: Json): Json => Object.fromEntries(columnsIn(table).map((name, index) => [String(name), cellsIn(table)[index]]));

const tableCases = (subject: () => Subject): void => {
  it.each([
    [deployments, deployment('a', {}, { replicas: 2 }), { Name: 'a', Ready: '0/2', 'Up-to-date': 0, Available: 0, Containers: 'server', Images: 'example/server:1', Selector: 'app=a' }],
    [pods, pod('a'), { Name: 'a', Ready: '0/1', Status: 'Pending', Restarts: '0', IP: '<none>', Node: '<none>' }],
    [services, service('a'), { Name: 'a', Type: 'ClusterIP', 'External-IP': '<none>', 'Port(s)': '80/TCP', Selector: 'app=a' }],
    [configMaps, configMap('a', { x: '1', y: '2' }), { Name: 'a', Data: 2 }],
  ])('shows the columns of a built-in kind (%#)', async (path, body, expected) => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', path(namespace), { body });
    const table = await must(subject(), 'GET', path(namespace), { accept: tableType });
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: [{ object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }] });
    expect(rowIn(table)).toMatchObject(expected);
    expect(columnsIn(table)).toContain('Age');
  });

  it('shows why a container does not run', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', pods(namespace), { body: pod('a', { nodeName: 'local' }) });
    const state = { waiting: { reason: 'CrashLoopBackOff' } };
    const containerStatuses = [{ name: 'server', image: 'i', imageID: '', ready: false, restartCount: 3, state }];
    await must(subject(), 'PATCH', pods(namespace, 'a/status'), { body: { status: { phase: 'Running', podIP: '127.1.2.3', podIPs: [{ ip: '127.1.2.3' }], containerStatuses } }, contentType: 'application/merge-patch+json' });
    const row = rowIn(await must(subject(), 'GET', pods(namespace), { accept: tableType }));
    expect(row).toMatchObject({ Status: 'CrashLoopBackOff', Restarts: '3', IP: '127.1.2.3', Node: 'local' });
  });

  it.each([
    ['the first runs', [{ running: { startedAt: '2026-01-01T00:00:00Z' } }, { waiting: { reason: 'PodInitializing' } }], 'Init:0/2'],
    ['the second waits', [{ terminated: { exitCode: 0, reason: 'Completed' } }, { waiting: { reason: 'PodInitializing' } }], 'Init:1/2'],
    ['one failed', [{ terminated: { exitCode: 3, reason: 'Error' } }, { waiting: { reason: 'PodInitializing' } }], 'Init:Error'],
    ['one fails again and again', [{ terminated: { exitCode: 0, reason: 'Completed' } }, { waiting: { reason: 'CrashLoopBackOff' } }], 'Init:CrashLoopBackOff'],
    ['all are done', [{ terminated: { exitCode: 0, reason: 'Completed' } }, { terminated: { exitCode: 0, reason: 'Completed' } }], 'PodInitializing'],
  ])('shows how far the init containers of a pod are: %s', async (_what, states, expected) => {
    const namespace = await newNamespace(subject());
    const initContainers = ['first', 'second'].map((name) => ({ name, image: 'i' }));
    await must(subject(), 'POST', pods(namespace), { body: pod('a', { nodeName: 'local', initContainers }) });
    const statusOf = (name: string, state: unknown): Json => ({ name, image: 'i', imageID: '', ready: false, restartCount: 0, state });
    const status = { phase: 'Pending', initContainerStatuses: states.map((state, index) => statusOf(index === 0 ? 'first' : 'second', state)), containerStatuses: [statusOf('server', { waiting: { reason: 'PodInitializing' } })] };
    await must(subject(), 'PATCH', pods(namespace, 'a/status'), { body: { status }, contentType: 'application/merge-patch+json' });
    expect(rowIn(await must(subject(), 'GET', pods(namespace), { accept: tableType }))).toMatchObject({ Status: expected, Ready: '0/1' });
  });

  it('shows events', async () => {
    const namespace = await newNamespace(subject());
    const now = new Date().toISOString().replace(/\.\d+Z$/u, 'Z');
    const event = { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'p', namespace }, reason: 'Why', message: 'what', type: 'Normal', firstTimestamp: now, lastTimestamp: now, count: 4 };
    await must(subject(), 'POST', events(namespace), { body: event });
    const row = rowIn(await must(subject(), 'GET', events(namespace), { accept: tableType }));
    expect(row).toMatchObject({ Type: 'Normal', Reason: 'Why', Object: 'pod/p', Message: 'what' });
  });

  it('shows the printer columns of a custom resource', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', servers(namespace), { body: featureServer('ranking') });
    const conditions = [{ type: 'Ready', status: 'True', reason: 'R', message: 'M', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    await must(subject(), 'PATCH', servers(namespace, 'ranking/status'), { body: { status: { replicas: 2, conditions } }, contentType: 'application/merge-patch+json' });
    const row = rowIn(await must(subject(), 'GET', servers(namespace), { accept: tableType }));
    expect(row).toMatchObject({ Name: 'ranking', Ready: 'True', Replicas: 2, Objective: '30ms', Min: 2, Max: 10, Mode: null });
  });

  it('streams tables in a watch', async () => {
    const namespace = await newNamespace(subject());
    const open = await watch(subject(), `${configMaps(namespace)}?watch=true`, tableType);
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('a') });
    expect(await open.next()).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['a', 0, expect.any(String)] }] } });
    open.close();
  });

  it('gives metadata alone', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('a', { k: 'v' }) });
    const list = await must(subject(), 'GET', configMaps(namespace), { accept: partialType });
    expect(list).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] });
    expect(at(listOf(list['items'])[0], 'data')).toBeUndefined();
  });
};

const discoveryCases = (subject: () => Subject): void => {
  it('names versions, groups and kinds', async () => {
    expect(await must(subject(), 'GET', '/version')).toMatchObject({ major: '1', minor: '34' });
    expect(await must(subject(), 'GET', '/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const groups = listOf((await must(subject(), 'GET', '/apis'))['groups']).map((group) => at(group, 'name'));
    expect(groups).toEqual(expect.arrayContaining(['apps', 'plateau.dev', 'apiextensions.k8s.io', 'coordination.k8s.io', 'policy']));
    const kinds = listOf((await must(subject(), 'GET', '/apis/plateau.dev/v1alpha1'))['resources']).map(fieldsOf);
    expect(kinds).toContainEqual(expect.objectContaining({ name: 'featureservers', singularName: 'featureserver', kind: 'FeatureServer', namespaced: true, shortNames: ['fsrv'], categories: ['all', 'plateau'] }));
    expect(kinds).toContainEqual(expect.objectContaining({ name: 'featureservers/scale', kind: 'Scale', group: 'autoscaling', version: 'v1' }));
    expect(await must(subject(), 'GET', '/apis/apps')).toMatchObject({ kind: 'APIGroup', preferredVersion: { groupVersion: 'apps/v1' } });
  });

  it('has all of it in one document', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const list = await must(subject(), 'GET', '/apis', { accept });
    expect(list).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    const apps = listOf(list['items']).find((item) => at(item, 'metadata', 'name') === 'apps');
    const resources = listOf(at(listOf(at(apps, 'versions'))[0], 'resources')).map(fieldsOf);
    expect(resources).toContainEqual(expect.objectContaining({ resource: 'deployments', scope: 'Namespaced', responseKind: expect.objectContaining({ kind: 'Deployment' }) }));
  });

  it('has OpenAPI schemas with what kubectl needs', async () => {
    const index = fieldsOf((await must(subject(), 'GET', '/openapi/v3'))['paths']);
    const url = String(at(index['apis/apps/v1'], 'serverRelativeURL'));
    const document = await must(subject(), 'GET', url);
    const patch = at(document, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch');
    expect(at(patch, 'x-kubernetes-group-version-kind')).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
    expect(listOf(at(patch, 'parameters')).map((parameter) => at(parameter, 'name'))).toContain('fieldValidation');
    const containers = at(document, 'components', 'schemas', 'io.k8s.api.core.v1.PodSpec', 'properties', 'containers');
    expect(containers).toMatchObject({ 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-list-type': 'map' });
  });

  it('refuses a caller without its credentials', async () => {
    const kubeconfig: Json = parse(subject().kubeconfig);
    const stranger = { kubeconfig: stringify({ ...kubeconfig, users: [{ name: 'stranger', user: { token: 'wrong' } }] }) };
    const { code } = await call(stranger, 'GET', '/api/v1/secrets');
    // A real server takes a caller without a certificate for an anonymous one, whom it lets do nothing.
    expect([401, 403]).toContain(code);
  });
};

/** Cases about the form of answers. */
export const presentationContract = (subject: () => Subject): void => {
  describe('tables', () => tableCases(subject));
  describe('discovery', () => discoveryCases(subject));
};
