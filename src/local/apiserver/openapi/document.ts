/**
 * OpenAPI v3, as far as kubectl reads it: schemas for `explain`, merge keys for `apply`, parameters for validation by the server.
 *
 * @module
 */
import type { EngineParts } from '../engine/context.ts';
import { isFields, type Fields } from '../json.ts';
import { apiVersionOf, type KindDefinition } from '../kinds/definition.ts';
import { builtinSchemas } from '../schema/builtin.ts';

const rootOf = (group: string, version: string): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`);

const groupVersions = ({ kinds }: EngineParts): ReadonlySet<string> =>
  new Set(kinds.all().map(({ type }) => rootOf(type.group, type.version)));

/** Where each document is. The revision stands in for a hash: a client may cache a document until a kind comes or goes. */
export const openApiIndex = (parts: EngineParts): Fields => ({
  paths: Object.fromEntries(
    [...groupVersions(parts)].map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}?hash=${parts.storage.revision()}` }]),
  ),
});

const refPrefix = '#/components/schemas/';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const query = (...names: readonly string[]): readonly Fields[] =>
  names.map((name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } }));

const operation = (definition: KindDefinition, action: string): Fields => {
  const { group, version, kind } = definition.type;
  const content = { 'application/json': { schema: { $ref: `${refPrefix}${definition.openApiName}` } } };
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: action === 'get' ? [] : query('dryRun', 'fieldManager', 'fieldValidation', ...(action === 'patch' ? ['force'] : [])),
    responses: { '200': { description: 'OK', content } },
  };
};

const pathsOf = (definition: KindDefinition): Fields => {
  const { group, version, plural, namespaced } = definition.type;
  const collection = `/${rootOf(group, version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  return {
    [collection]: { get: operation(definition, 'list'), post: operation(definition, 'post') },
    [`${collection}/{name}`]: {
      get: operation(definition, 'get'),
      put: operation(definition, 'put'),
      patch: operation(definition, 'patch'),
      delete: operation(definition, 'delete'),
    },
  };
};

/** Every schema that a node refers to, however deep. */
const referenced = (node: unknown, names: Set<string>): void => {
  if (Array.isArray(node)) return node.forEach((part: unknown) => referenced(part, names));
  if (!isFields(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key !== '$ref' || typeof value !== 'string') referenced(value, names);
    else addReferenced(value.slice(refPrefix.length), names);
  }
};

const addReferenced = (name: string, names: Set<string>): void => {
  if (names.has(name)) return;
  names.add(name);
  referenced(builtinSchemas().schemas[name], names);
};

const schemaOf = ({ type: { group, version, kind }, custom, openApi }: KindDefinition): Fields => {
  const schema = openApi();
  const properties = isFields(schema['properties']) ? schema['properties'] : {};
  const own = custom ? { ...properties, metadata: { allOf: [{ $ref: `${refPrefix}${objectMeta}` }] } } : properties;
  return { ...schema, properties: own, 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
};

/** The document of one group version, or undefined when nothing of it is served. */
export const openApiDocument = (parts: EngineParts, root: string): Fields | undefined => {
  const own = parts.kinds.all().filter(({ type }) => rootOf(type.group, type.version) === root);
  if (own.length === 0) return undefined;
  const schemas: Fields = {};
  const names = new Set<string>();
  for (const definition of own) referenced(schemaOf(definition), names);
  for (const name of names) schemas[name] = builtinSchemas().schemas[name];
  for (const definition of own) schemas[definition.openApiName] = schemaOf(definition);
  return {
    openapi: '3.0.0',
    info: { title: `Plateau local: ${own.map(({ type }) => apiVersionOf(type))[0]}`, version: 'v1' },
    paths: Object.assign({}, ...own.map(pathsOf)),
    components: { schemas },
  };
};
