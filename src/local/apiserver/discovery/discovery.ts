/**
 * Which kinds there are, in the old form (one document for each group version) and the aggregated one.
 *
 * @module
 */
import type { EngineParts } from '../engine/context.ts';
import type { Fields } from '../json.ts';
import { apiVersionOf, type KindDefinition } from '../kinds/definition.ts';

const objectVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

interface Subresource {
  readonly name: string;
  readonly kind: readonly [group: string, version: string, kind: string];
}

const subresourcesOf = ({ type, hasStatus, scale }: KindDefinition): readonly Subresource[] => [
  ...(hasStatus ? [{ name: 'status', kind: [type.group, type.version, type.kind] as const }] : []),
  ...(scale === undefined ? [] : [{ name: 'scale', kind: ['autoscaling', 'v1', 'Scale'] as const }]),
];

export const apiVersions = (): Fields => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [],
});

const versionsByGroup = ({ kinds }: EngineParts): Map<string, Set<string>> => {
  const groups = new Map<string, Set<string>>();
  for (const { type } of kinds.all()) {
    if (type.group === '') continue;
    groups.set(type.group, (groups.get(type.group) ?? new Set()).add(type.version));
  }
  return groups;
};

const groupOf = (name: string, versions: ReadonlySet<string>): Fields => {
  const list = [...versions].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
};

export const groupList = (parts: EngineParts): Fields => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: [...versionsByGroup(parts)].map(([name, versions]) => groupOf(name, versions)),
});

/** One group, or undefined when nothing of it is served. */
export const group = (parts: EngineParts, name: string): Fields | undefined => {
  const versions = versionsByGroup(parts).get(name);
  return versions === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(name, versions) };
};

const resourcesOf = (definition: KindDefinition): readonly Fields[] => {
  const { type, singular, shortNames, categories } = definition;
  return [
    {
      name: type.plural,
      singularName: singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: objectVerbs,
      ...(shortNames.length === 0 ? {} : { shortNames }),
      ...(categories.length === 0 ? {} : { categories }),
    },
    ...subresourcesOf(definition).map(({ name, kind: [group, version, kind] }) => ({
      name: `${type.plural}/${name}`,
      singularName: '',
      namespaced: type.namespaced,
      kind,
      ...(group === type.group && version === type.version ? {} : { group, version }),
      verbs: subresourceVerbs,
    })),
  ];
};

/** The kinds of a group version, or undefined when there are none. */
export const resourceList = ({ kinds }: EngineParts, group: string, version: string): Fields | undefined => {
  const own = kinds.all().filter(({ type }) => type.group === group && type.version === version);
  if (own.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: own.flatMap(resourcesOf),
  };
};

const responseKind = (group: string, version: string, kind: string): Fields => ({ group, version, kind });

const aggregatedResource = (definition: KindDefinition): Fields => {
  const { type, singular, shortNames, categories } = definition;
  return {
    resource: type.plural,
    responseKind: responseKind(type.group, type.version, type.kind),
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: objectVerbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    subresources: subresourcesOf(definition).map(({ name, kind }) => ({
      subresource: name,
      responseKind: responseKind(...kind),
      verbs: subresourceVerbs,
    })),
  };
};

/** All groups and kinds in one document; the core group has one of its own. */
export const aggregated = (parts: EngineParts, core: boolean): Fields => {
  const groups = core ? new Map([['', new Set(['v1'])]]) : versionsByGroup(parts);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groups].map(([name, versions]) => ({
      metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
      versions: [...versions].map((version) => ({
        version,
        freshness: 'Current',
        resources: parts.kinds
          .all()
          .filter(({ type }) => type.group === name && type.version === version)
          .map(aggregatedResource),
      })),
    })),
  };
};
