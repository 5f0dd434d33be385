/**
 * Server-side apply in small: enough of it to run plans against. Lists of objects with a name are keyed by it, other lists
 * are atomic, and a changed value leaves every other manager.
 *
 * @module
 */
import type { ManagedFields, Manifest } from '../../../../src/core/featureserver/manifest.ts';
import { isRecord } from '../../../../src/core/featureserver/manifest.ts';

type Fields = Record<string, unknown>;

const fieldsOf = (value: unknown): Fields => {
  if (Array.isArray(value) && value.length > 0 && value.every((element) => isRecord(element) && typeof element['name'] === 'string')) {
    return Object.fromEntries(value.map((element: Fields) => [`k:${JSON.stringify({ name: element['name'] })}`, { '.': {}, ...fieldsOf(element) }]));
  }
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [`f:${name}`, fieldsOf(child)]));
};

const leaves = (fields: Fields, path: string[] = []): string[] => {
  const names = Object.keys(fields).filter((name) => name !== '.');
  if (names.length === 0) return [JSON.stringify(path)];
  return names.flatMap((name) => leaves(fields[name] as Fields, [...path, name]));
};

const merge = (live: unknown, sent: unknown): unknown => {
  if (!isRecord(live) || !isRecord(sent)) return sent;
  return { ...live, ...Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, merge(live[name], value)])) };
};

const drop = (value: unknown, path: string[]): unknown => {
  const [head = '', ...rest] = path;
  if (!isRecord(value)) return value;
  const name = head.slice(2);
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
  return { ...value, [name]: drop(value[name], rest) };
};

const bodyOf = ({ apiVersion: _apiVersion, kind: _kind, metadata, ...body }: Manifest): Fields => {
  const { labels, annotations, ownerReferences } = metadata;
  return { ...body, metadata: { ...(labels && { labels }), ...(annotations && { annotations }), ...(ownerReferences && { ownerReferences }) } };
};

/** The object after `manager` has applied `sent` by force. */
export const applied = (live: Manifest | undefined, sent: Manifest, manager: string): Manifest => {
  const entries = live?.metadata.managedFields ?? [];
  const fields = fieldsOf(bodyOf(sent));
  const own = new Set(leaves(fields));
  const before = entries.find((entry) => entry.manager === manager)?.fieldsV1 ?? {};
  const others = entries.filter((entry) => entry.manager !== manager);
  const ownedElsewhere = new Set(others.flatMap((entry) => leaves(entry.fieldsV1 ?? {})));
  const lost = leaves(before as Fields).filter((leaf) => !own.has(leaf) && !ownedElsewhere.has(leaf));
  const start: Manifest = live ?? { metadata: { uid: `uid-${sent.metadata.name ?? ''}`, generation: 1 } };
  let result = merge(start, sent) as Manifest;
  for (const leaf of lost) result = drop(result, JSON.parse(leaf) as string[]) as Manifest;
  const managedFields: ManagedFields[] = [...others, { manager, operation: 'Apply', fieldsV1: fields }];
  const resourceVersion = String(Number(live?.metadata.resourceVersion ?? '0') + 1);
  return { ...result, metadata: { ...result.metadata, managedFields, resourceVersion } };
};
