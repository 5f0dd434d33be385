/**
 * Writes src/local/apiserver/schema/builtin-kinds.json: the schemas of the kinds that the embedded API server ships, taken from
 * the OpenAPI documents of a real kube-apiserver. What is kept are facts of the Kubernetes API (Apache-2.0): field names, types,
 * list types, map keys, merge keys, required fields, enumerations. Descriptions are dropped.
 *
 *     node hack/openapi/generate.ts --kubeconfig FILE [--kubectl PATH]
 *
 * The documents in Kubernetes' own repository will not do: they lack the enumerations that a running server shows.
 * With --check it writes nothing, compares, and ends with code 1 when the file is another one.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';

/** Group, version and the kinds taken from there. */
const shipped: readonly (readonly [groupVersion: string, kinds: readonly string[]])[] = [
  ['api/v1', ['Namespace', 'Pod', 'Service', 'ServiceAccount', 'ConfigMap', 'Secret', 'Event']],
  ['apis/apps/v1', ['Deployment', 'ReplicaSet']],
  ['apis/autoscaling/v2', ['HorizontalPodAutoscaler']],
  ['apis/events.k8s.io/v1', ['Event']],
  ['apis/policy/v1', ['PodDisruptionBudget']],
  ['apis/networking.k8s.io/v1', ['NetworkPolicy']],
  ['apis/coordination.k8s.io/v1', ['Lease']],
  ['apis/apiextensions.k8s.io/v1', ['CustomResourceDefinition']],
];

const target = new URL('../../src/local/apiserver/schema/builtin-kinds.json', import.meta.url);
const record = z.record(z.string(), z.unknown());
const documentSchema = z.object({ components: z.object({ schemas: z.record(z.string(), record) }) });
const kindsSchema = z.array(z.looseObject({ group: z.string(), version: z.string(), kind: z.string() })).catch([]);

const refPrefix = '#/components/schemas/';
const dropped = new Set(['description', 'title', 'example', 'x-kubernetes-group-version-kind']);

/** Go's zero values stand in the documents as defaults; only the others mean something to a client. */
const isZeroDefault = (value: unknown): boolean =>
  value === '' || value === 0 || value === false || (typeof value === 'object' && JSON.stringify(value) === '{}');

/** Sources differ in the order of names; the file does not. */
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Keeps the facts of a schema node and reports every reference it makes. */
const strip = (node: unknown, seen: (name: string) => void, insideProperties = false): unknown => {
  if (Array.isArray(node)) return node.map((part: unknown) => strip(part, seen));
  const fields = record.safeParse(node);
  if (!fields.success) return node;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields.data).toSorted(byName)) {
    if (!insideProperties && (dropped.has(key) || (key === 'default' && isZeroDefault(value)))) continue;
    if (key === '$ref' && typeof value === 'string') seen(value.slice(refPrefix.length));
    kept[key] = strip(value, seen, !insideProperties && key === 'properties');
  }
  return kept;
};

const { values: flags } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    kubectl: { type: 'string', default: 'kubectl' },
    check: { type: 'boolean', default: false },
  },
});

const reader = (): ((groupVersion: string) => unknown) => {
  const { kubeconfig, kubectl } = flags;
  if (kubeconfig === undefined) throw new Error('say which server to ask: --kubeconfig FILE');
  return (groupVersion) =>
    JSON.parse(
      execFileSync(kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', `/openapi/v3/${groupVersion}`], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      }),
    );
};

const nameOf = (schemas: Record<string, Record<string, unknown>>, groupVersion: string, kind: string): string => {
  const [group, version] = groupVersion.startsWith('apis/') ? groupVersion.split('/').slice(1) : ['', 'v1'];
  const found = Object.entries(schemas).find(([, schema]) => {
    const kinds = kindsSchema.parse(schema['x-kubernetes-group-version-kind']);
    return kinds.length === 1 && kinds.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind);
  });
  if (found === undefined) throw new Error(`${groupVersion} has no kind ${kind}; is the server older than 1.27?`);
  return found[0];
};

const collect = (read: (groupVersion: string) => unknown) => {
  const kinds: Record<string, string> = {};
  const schemas: Record<string, unknown> = {};
  for (const [groupVersion, names] of shipped) {
    const document = documentSchema.parse(read(groupVersion)).components.schemas;
    const wanted = names.map((kind) => {
      const name = nameOf(document, groupVersion, kind);
      kinds[`${groupVersion.replace(/^apis?\//, '')}/${kind}`] = name;
      return name;
    });
    for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
      if (Object.hasOwn(schemas, name)) continue;
      schemas[name] = strip(document[name], (next) => wanted.push(next));
    }
  }
  return { kinds, schemas: Object.fromEntries(Object.entries(schemas).toSorted(byName)) };
};

const { kinds, schemas } = collect(reader());
const note =
  'Generated by hack/openapi/generate.ts from the OpenAPI documents of kube-apiserver v1.34. The facts are those of the Kubernetes API (Apache-2.0).';
const text = `${JSON.stringify({ note, kinds, schemas }, null, 1).replaceAll(/\n +/g, '\n')}\n`;
if (!flags.check) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error(`${target.pathname} is not what this server's OpenAPI documents say; run hack/openapi/generate.ts without --check`);
  process.exitCode = 1;
}
