/**
 * The contract of kubectl: each command that the embedded server supports, on each kind it supports it for.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { at, listOf } from '../../src/local/apiserver/json.ts';
import { configMap, configMaps, deployment, deployments, events, featureServer, pod, pods, servers, service, services } from './objects.ts';
import { follow, kubectl, tryKubectl, type KubectlSetup } from './kubectl.ts';
import { call, must, newNamespace, type Json, type Subject } from './subject.ts';

export interface KubectlSubject extends Subject {
  readonly setup: KubectlSetup;
}

const event = (name: string, namespace: string): Json => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace },
  reason: 'Tested',
  message: 'a message',
  type: 'Normal',
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:00:00Z',
  count: 1,
});

interface Kind {
  readonly resource: string;
  readonly path: (namespace: string, name?: string) => string;
  readonly body: (namespace: string) => Json;
  /** What `kubectl get` must show beside the name. */
  readonly header: RegExp;
}

const kinds: readonly Kind[] = [
  { resource: 'featureservers', path: servers, body: () => featureServer('x', { replicas: 2 }), header: /^NAME +READY +REPLICAS +DESIRED/u },
  { resource: 'deployments', path: deployments, body: () => deployment('x', {}, { replicas: 2 }), header: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE/u },
  { resource: 'pods', path: pods, body: () => pod('x'), header: /^NAME +READY +STATUS +RESTARTS +AGE/u },
  { resource: 'services', path: services, body: () => service('x'), header: /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE/u },
  { resource: 'configmaps', path: configMaps, body: () => configMap('x', { key: 'value' }), header: /^NAME +DATA +AGE/u },
  {
    resource: 'events',
    path: (namespace, name = '') => `${events(namespace)}${name === '' ? '' : `/${name}`}`,
    body: (namespace) => event('x', namespace),
    header: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE/u,
  },
];

type Subjects = () => KubectlSubject;

const created = async (subject: KubectlSubject, { path, body }: Kind): Promise<string> => {
  const namespace = await newNamespace(subject);
  await must(subject, 'POST', path(namespace), { body: body(namespace) });
  return namespace;
};

const everyKind = (kind: Kind, subject: Subjects): void => {
  const { resource, path } = kind;
  const run = (namespace: string, ...args: readonly string[]): Promise<string> => kubectl(subject().setup, ['-n', namespace, ...args]);

  it('get, get -o yaml, get -o name', async () => {
    const namespace = await created(subject(), kind);
    expect(await run(namespace, 'get', resource)).toMatch(kind.header);
    expect(parse(await run(namespace, 'get', resource, 'x', '-o', 'yaml'))).toMatchObject({ kind: kind.body(namespace)['kind'], metadata: { name: 'x', namespace } });
    expect(await run(namespace, 'get', resource, '-o', 'name')).toMatch(/\/x\n$/u);
    expect(await run(namespace, 'get', resource, '-l', 'no=such', '-o', 'name')).toBe('');
  });

  it('get -w', async () => {
    const namespace = await created(subject(), kind);
    const following = follow(subject().setup, ['-n', namespace, 'get', resource, '-w', '--output-watch-events']);
    await following.until(/^ADDED/u);
    await run(namespace, 'label', resource, 'x', 'seen=yes');
    await following.until(/^MODIFIED/u);
    await run(namespace, 'delete', resource, 'x', '--wait=false');
    await following.until(/^DELETED/u);
    await following.stop();
  });

  it('describe', async () => {
    const namespace = await created(subject(), kind);
    expect(await run(namespace, 'describe', resource, 'x')).toMatch(/^Name: +x\nNamespace: /u);
  });

  it('explain', async () => {
    const namespace = await newNamespace(subject());
    const text = await run(namespace, 'explain', resource);
    expect(text).toContain(`KIND:       ${String(kind.body(namespace)['kind'])}`);
    expect(text).toMatch(/metadata\s+<ObjectMeta>/u);
  });

  it('apply twice', async () => {
    const namespace = await newNamespace(subject());
    const manifest = kind.body(namespace);
    const apply = (body: Json): Promise<string> => kubectl(subject().setup, ['-n', namespace, 'apply', '-f', '-'], { stdin: stringify(body) });
    expect(await apply(manifest)).toMatch(/ created\n$/u);
    expect(await apply(manifest)).toMatch(/ unchanged\n$/u);
    const labelled = { ...manifest, metadata: { name: 'x', labels: { more: 'new' } } };
    expect(await apply(labelled)).toMatch(/ configured\n$/u);
    expect(at(await must(subject(), 'GET', path(namespace, 'x')), 'metadata', 'labels', 'more')).toBe('new');
    await apply(manifest);
    expect(at(await must(subject(), 'GET', path(namespace, 'x')), 'metadata', 'labels', 'more')).toBeUndefined();
  });

  it('apply --server-side, also after a plain apply', async () => {
    const namespace = await newNamespace(subject());
    const stdin = stringify(kind.body(namespace));
    await kubectl(subject().setup, ['-n', namespace, 'apply', '-f', '-'], { stdin });
    expect(await kubectl(subject().setup, ['-n', namespace, 'apply', '--server-side', '-f', '-'], { stdin })).toMatch(/ serverside-applied\n$/u);
    const object = await must(subject(), 'GET', path(namespace, 'x'));
    expect(listOf(at(object, 'metadata', 'managedFields')).map((entry) => [at(entry, 'manager'), at(entry, 'operation')])).toContainEqual(['kubectl', 'Apply']);
  });

  it('edit', async () => {
    const namespace = await created(subject(), kind);
    await run(namespace, 'label', resource, 'x', 'color=red');
    await kubectl(subject().setup, ['-n', namespace, 'edit', resource, 'x'], { editor: 'sed -i -e s/color:.red/color:\\ blue/' });
    expect(at(await must(subject(), 'GET', path(namespace, 'x')), 'metadata', 'labels', 'color')).toBe('blue');
  });

  it('patch by merge and by JSON patch', async () => {
    const namespace = await created(subject(), kind);
    expect(await run(namespace, 'patch', resource, 'x', '--type=merge', '-p', '{"metadata":{"labels":{"a":"1"}}}')).toMatch(/ patched\n$/u);
    await run(namespace, 'patch', resource, 'x', '--type=json', '-p', '[{"op":"add","path":"/metadata/labels/b","value":"2"}]');
    expect(at(await must(subject(), 'GET', path(namespace, 'x')), 'metadata', 'labels')).toMatchObject({ a: '1', b: '2' });
    expect(await run(namespace, 'patch', resource, 'x', '--type=merge', '-p', '{"metadata":{"labels":{"a":"1"}}}')).toMatch(/\(no change\)\n$/u);
  });

  it('wait --for=jsonpath, delete, wait --for=delete', async () => {
    const namespace = await created(subject(), kind);
    await run(namespace, 'wait', resource, 'x', '--for=jsonpath={.metadata.name}=x', '--timeout=20s');
    const waiting = run(namespace, 'wait', resource, 'x', '--for=delete', '--timeout=20s');
    expect(await run(namespace, 'delete', resource, 'x')).toMatch(/deleted/u);
    await waiting;
    expect((await call(subject(), 'GET', path(namespace, 'x'))).code).toBe(404);
  });
};

const someKinds = (subject: Subjects): void => {
  const run = (namespace: string, ...args: readonly string[]): Promise<string> => kubectl(subject().setup, ['-n', namespace, ...args]);
  const kindOf = (resource: string): Kind => {
    const kind = kinds.find((candidate) => candidate.resource === resource);
    if (kind === undefined) throw new Error(`no kind ${resource} in the suite`);
    return kind;
  };

  it.each(['featureservers', 'deployments'])('scale %s', async (resource) => {
    const kind = kindOf(resource);
    const namespace = await created(subject(), kind);
    expect(await run(namespace, 'scale', resource, 'x', '--replicas=5')).toMatch(/ scaled\n$/u);
    await run(namespace, 'scale', resource, 'x', '--current-replicas=5', '--replicas=6');
    expect(at(await must(subject(), 'GET', kind.path(namespace, 'x')), 'spec', 'replicas')).toBe(6);
  });

  it.each(['featureservers', 'deployments', 'pods'])('wait --for=condition on %s', async (resource) => {
    const kind = kindOf(resource);
    const namespace = await created(subject(), kind);
    const waiting = run(namespace, 'wait', resource, 'x', '--for=condition=Ready', '--timeout=20s');
    const conditions = [{ type: 'Ready', status: 'True', reason: 'R', message: 'M', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    await must(subject(), 'PATCH', kind.path(namespace, 'x/status'), { body: { status: { conditions } }, contentType: 'application/merge-patch+json' });
    expect(await waiting).toMatch(/condition met\n$/u);
  });

  it('patch by strategic merge', async () => {
    const kind = kindOf('deployments');
    const namespace = await created(subject(), kind);
    const patch = { spec: { template: { spec: { containers: [{ name: 'server', image: 'example/server:2' }] } } } };
    await run(namespace, 'patch', 'deployment', 'x', '-p', JSON.stringify(patch));
    const containers = listOf(at(await must(subject(), 'GET', kind.path(namespace, 'x')), 'spec', 'template', 'spec', 'containers'));
    expect(containers).toMatchObject([{ name: 'server', image: 'example/server:2' }]);
  });

  it('apply changes a list by its keys and removes what the manifest no longer has', async () => {
    const kind = kindOf('deployments');
    const namespace = await newNamespace(subject());
    const env = (...names: readonly string[]): Json => ({ env: names.map((name) => ({ name, value: 'v' })) });
    const apply = (body: Json): Promise<string> => kubectl(subject().setup, ['-n', namespace, 'apply', '-f', '-'], { stdin: stringify(body) });
    await apply(deployment('x', env('A', 'B')));
    await apply(deployment('x', env('B', 'C')));
    const [container] = listOf(at(await must(subject(), 'GET', kind.path(namespace, 'x')), 'spec', 'template', 'spec', 'containers'));
    expect(listOf(at(container, 'env')).map((item) => at(item, 'name'))).toEqual(['B', 'C']);
  });

  it('apply --server-side names the conflicting manager, and forces', async () => {
    const namespace = await newNamespace(subject());
    const apply = (replicas: number, ...more: readonly string[]) =>
      tryKubectl(subject().setup, ['-n', namespace, 'apply', '--server-side', '-f', '-', ...more], { stdin: stringify(deployment('x', {}, { replicas })) });
    expect((await apply(2, '--field-manager=one')).code).toBe(0);
    const refused = await apply(3, '--field-manager=two');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('conflict with "one": .spec.replicas');
    expect((await apply(3, '--field-manager=two', '--force-conflicts')).code).toBe(0);
  });

  it('says which field of a FeatureServer is wrong and what to do', async () => {
    const namespace = await newNamespace(subject());
    const apply = (spec: Json) => tryKubectl(subject().setup, ['-n', namespace, 'apply', '-f', '-'], { stdin: stringify(featureServer('x', spec)) });
    const rule = await apply({ scaling: { replicas: { min: 5, max: 4 } } });
    expect(rule.stderr).toContain('spec.scaling.replicas: Invalid value: "object": scaling.replicas needs min <= max');
    const typo = await apply({ scalling: {} });
    expect(typo.stderr).toContain('strict decoding error: unknown field "spec.scalling"');
    const mode = await apply({ scaling: { mode: 'Fast' } });
    expect(mode.stderr).toContain('spec.scaling.mode: Unsupported value: "Fast": supported values: "Auto", "ReplicasOnly"');
  });

  it('explain goes into fields, down to the leaves', async () => {
    const namespace = await newNamespace(subject());
    expect(await run(namespace, 'explain', 'fsrv.spec.scaling.replicas')).toMatch(/max\s+<integer>/u);
    expect(await run(namespace, 'explain', 'deployment.spec.template.spec.containers.image')).toMatch(/FIELD: image <string>/u);
  });

  it('get by short name, by category and with wide columns', async () => {
    const namespace = await created(subject(), kindOf('featureservers'));
    expect(await run(namespace, 'get', 'fsrv', '-o', 'wide')).toMatch(/RECOMMENDED +REASON/u);
    expect(await run(namespace, 'get', 'plateau', '-o', 'name')).toBe('featureserver.plateau.dev/x\n');
    expect(await run(namespace, 'get', 'all', '-o', 'name')).toContain('featureserver.plateau.dev/x');
  });

  it('create, replace and diff by file, api-resources and version', async () => {
    const namespace = await newNamespace(subject());
    const stdin = stringify(configMap('x', { a: '1' }));
    expect(await kubectl(subject().setup, ['-n', namespace, 'create', '-f', '-'], { stdin })).toMatch(/ created\n$/u);
    expect(await kubectl(subject().setup, ['-n', namespace, 'replace', '-f', '-'], { stdin: stringify(configMap('x', { a: '2' })) })).toMatch(/ replaced\n$/u);
    expect(await run(namespace, 'api-resources', '--api-group=plateau.dev', '-o', 'name')).toBe('featureservers.plateau.dev\n');
    expect(await run(namespace, 'version')).toContain('Server Version: v1.34.4');
  });
};

/** All kubectl cases. Each takes a second or more, as kubectl is a new process each time. */
export const kubectlContract = (subject: Subjects): void => {
  describe.each(kinds)('kubectl on $resource', (kind) => everyKind(kind, subject));
  describe('kubectl', () => someKinds(subject));
};
