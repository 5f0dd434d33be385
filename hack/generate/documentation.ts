/**
 * The tables of docs/api.md, from the same sources as the CRD and the roles.
 *
 * @module
 */
import { conditionOrder } from '../../src/api/conditions.ts';
import { featureServerStatusSchema } from '../../src/api/featureserver-status.ts';
import { featureServerSpecSchema } from '../../src/api/featureserver.ts';
import { clusterPermissions, ownPermissions } from '../../src/api/operator-permissions.ts';
import type { Permission } from '../../src/api/operator-permissions.ts';
import { reasonsByCondition } from '../../src/api/reasons.ts';
import { placedRules } from './placed-rules.ts';
import { structuralSchema } from './structural-schema.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** A pipe would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``);
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const typeOf = (schema: StructuralSchema): string => {
  if (schema['x-kubernetes-int-or-string'] === true) return 'number or text';
  if (schema.type === 'array') return 'list';
  return schema.additionalProperties === undefined ? (schema.type ?? '') : 'map';
};

interface Field {
  path: string;
  schema: StructuralSchema;
}
const fields = (schema: StructuralSchema, path: string): Field[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [{ path: `${path}.${name}`, schema: child }, ...fields(child, `${path}.${name}`)]);

const shownDefault = ({ default: value }: StructuralSchema): string => (value === undefined || typeof value === 'object' ? '' : JSON.stringify(value));

const specTable = (): string =>
  table(
    ['Field', 'Type', 'Default', 'Meaning'],
    fields(structuralSchema(featureServerSpecSchema, 'spec'), 'spec').map(({ path, schema }) => [
      code(path), typeOf(schema), code(shownDefault(schema)), cell(schema.description ?? ''),
    ]),
  );

const statusTable = (): string =>
  table(
    ['Field', 'Type', 'Meaning'],
    fields(structuralSchema(featureServerStatusSchema, 'status'), 'status').map(({ path, schema }) => [code(path), typeOf(schema), cell(schema.description ?? '')]),
  );

const ruleTable = (): string => table(['Field', 'Refused with'], placedRules().map(({ path, message }) => [code(path === '' ? 'metadata.name' : path), cell(message)]));

const conditionTable = (): string =>
  table(['Condition', 'Reasons'], conditionOrder.map((type) => [code(type), [...new Set(reasonsByCondition[type])].map(code).join(', ')]));

const permissionRow = ({ group, resource, names, verbs, why }: Permission): string[] => [
  code(group === '' ? resource : `${resource}.${group}`), verbs.join(', '), (names ?? []).map(code).join(', '), cell(why),
];

const permissionTable = (): string =>
  ['Cluster role:', table(['Resource', 'Verbs', 'Names', 'Why'], clusterPermissions.map(permissionRow)),
    "Role in the operator's namespace:", table(['Resource', 'Verbs', 'Names', 'Why'], ownPermissions.map(permissionRow))].join('\n\n');

/** The generated sections by name. */
export const documentation = (): Record<string, string> => ({
  fields: specTable(),
  status: statusTable(),
  rules: ruleTable(),
  conditions: conditionTable(),
  permissions: permissionTable(),
});
