/**
 * The way of a body from the wire to an object that may be stored: identity, unknown fields, defaults, validation.
 *
 * @module
 */
import { fillSchemaDefaults } from '../schema/defaults.ts';
import { dropEmpty } from '../schema/drop-empty.ts';
import { prune } from '../schema/prune.ts';
import { checkRules } from '../schema/rules.ts';
import { objectMetaSchema } from '../schema/builtin.ts';
import { validateSchema } from '../schema/validate.ts';
import { apiVersionOf, type KindDefinition } from '../kinds/definition.ts';
import { validateMetadata } from '../kinds/metadata.ts';
import { at, clone, fieldsOf, isFields, textOf, type Fields } from '../json.ts';
import { metaOf } from '../storage/stored-object.ts';
import { badRequest, invalid } from '../status-error.ts';
import type { Target, WriteContext } from './context.ts';

const identifyKind = ({ type }: KindDefinition, body: Fields): void => {
  const expected = apiVersionOf(type);
  const given = body['apiVersion'] ?? expected;
  if (given !== expected || (body['kind'] ?? type.kind) !== type.kind) {
    throw badRequest(
      `the object provided (${textOf(given)} ${textOf(body['kind'])}) does not match the expected one (${expected} ${type.kind})`,
    );
  }
  body['apiVersion'] = expected;
  body['kind'] = type.kind;
};

const identifyNamespace = ({ type }: KindDefinition, metadata: Fields, namespace: string): void => {
  if (type.namespaced && (metadata['namespace'] ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (type.namespaced) metadata['namespace'] = namespace;
  else delete metadata['namespace'];
};

/** Refuses a body of another kind, name or namespace than the address says, and fills in what the address knows. */
export const identify = (definition: KindDefinition, body: Fields, { namespace, name }: Target): void => {
  identifyKind(definition, body);
  if (body['metadata'] !== undefined && !isFields(body['metadata'])) throw badRequest('metadata must be an object');
  const metadata = metaOf(body);
  identifyNamespace(definition, metadata, namespace);
  if (name === '') return;
  if ((metadata['name'] ?? name) !== name) {
    throw badRequest(`the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`);
  }
  metadata['name'] = name;
};

/** A copy without unknown fields. Strict contexts refuse them, Warn contexts say so. */
export const dropUnknown = (definition: KindDefinition, body: Fields, context: WriteContext): Fields => {
  const { apiVersion, kind, metadata, ...rest } = body;
  const meta = prune(objectMetaSchema(), metadata, 'metadata');
  const main = prune(definition.schema, rest);
  const unknown = [...meta.unknown, ...main.unknown].map((path) => `unknown field "${path}"`);
  if (unknown.length > 0 && context.unknownFields === 'Strict') {
    const { type } = definition;
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${unknown.join(', ')}`,
    );
  }
  if (context.unknownFields === 'Warn') context.warnings.push(...unknown);
  return { apiVersion, kind, metadata: fieldsOf(meta.value), ...fieldsOf(main.value) };
};

/** Fills defaults in place. */
export const fillDefaults = (definition: KindDefinition, object: Fields): void => {
  dropEmpty(objectMetaSchema(), object['metadata']);
  if (definition.custom) fillSchemaDefaults(definition.schema, object);
  else dropEmpty(definition.schema, object);
  definition.strategy.fillDefaults?.(object);
};

/** A built-in kind's types are Go types on a real server: what does not fit them does not decode. */
const refuseUndecodable = (definition: KindDefinition, object: Fields): void => {
  const causes = [
    ...validateSchema(objectMetaSchema(), object['metadata'], 'metadata', { requireFields: () => false }),
    ...(definition.custom ? [] : validateSchema(definition.schema, withoutMetadata(object), '', { requireFields: () => false })),
  ].filter(({ reason }) => reason === 'FieldValueTypeInvalid');
  const [first] = causes;
  if (first === undefined) return;
  const { type } = definition;
  throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${first.field}: ${first.message}`);
};

/** Metadata has its own schema; an empty one satisfies kinds that require it. */
const withoutMetadata = (object: Fields): Fields => ({ ...object, metadata: {} });

const isStatus = (path: string): boolean => path === 'status' || path.startsWith('status.') || path.startsWith('status[');

/**
 * Refuses an object that breaks its schema, its kind's rules or a CEL rule.
 *
 * @throws StatusError 422 with a cause for each field, 400 when a built-in kind would not decode.
 */
export const validate = (definition: KindDefinition, object: Fields, old?: Fields): void => {
  refuseUndecodable(definition, object);
  const requireFields = (path: string): boolean => definition.custom || !isStatus(path);
  const schemaCauses = validateSchema(definition.schema, withoutMetadata(object), '', { requireFields });
  const kindCauses = [...validateMetadata(object, old), ...(definition.strategy.validate?.(object, old) ?? [])];
  // A rule may assume that the types are right: it is asked only when they are.
  const ruleCauses = definition.custom && schemaCauses.length === 0 ? checkRules(definition.schema, object, old) : [];
  const causes = [...kindCauses, ...schemaCauses, ...ruleCauses];
  if (causes.length > 0) throw invalid(definition.type, textOf(at(object, 'metadata', 'name')), causes);
};

/** An own, unfrozen copy of what a client sent. */
export const ownCopy = (body: unknown): Fields => {
  if (!isFields(body)) throw badRequest('the body of the request must be a JSON object');
  return clone(body);
};
