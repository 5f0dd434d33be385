/**
 * The form of an answer: whole objects, tables for `kubectl get`, or metadata alone.
 *
 * @module
 */
import { apiVersionOf, type Column, type KindDefinition } from '../kinds/definition.ts';
import { at, type Fields } from '../json.ts';

export interface Presenter {
  one(object: Fields): Fields;
  many(items: readonly Fields[], metadata: Fields): Fields;
  bookmark(object: Fields): Fields;
}

const whole = ({ type }: KindDefinition): Presenter => ({
  one: (object) => object,
  many: (items, metadata) => ({ apiVersion: apiVersionOf(type), kind: `${type.kind}List`, metadata, items }),
  bookmark: (object) => object,
});

const metadataVersion = 'meta.k8s.io/v1';

const metadataOnly: Presenter = {
  one: (object) => ({ kind: 'PartialObjectMetadata', apiVersion: metadataVersion, metadata: object['metadata'] }),
  many: (items, metadata) => ({
    kind: 'PartialObjectMetadataList',
    apiVersion: metadataVersion,
    metadata,
    items: items.map((item) => metadataOnly.one(item)),
  }),
  bookmark: (object) => metadataOnly.one(object),
};

const header = ({ name, type, format, description, priority }: Column): Fields => ({
  name,
  type,
  format: format ?? '',
  description: description ?? name,
  priority: priority ?? 0,
});

const tables = ({ columns }: KindDefinition, now: () => number): Presenter => {
  const row = (object: Fields): Fields => {
    const moment = now();
    return { cells: columns.map((column) => column.value(object, moment) ?? null), object: metadataOnly.one(object) };
  };
  const table = (rows: readonly Fields[], metadata: Fields): Fields => ({
    kind: 'Table',
    apiVersion: metadataVersion,
    metadata,
    columnDefinitions: columns.map(header),
    rows,
  });
  const versionOf = (object: Fields): Fields => ({ resourceVersion: at(object, 'metadata', 'resourceVersion') });
  return {
    one: (object) => table([row(object)], versionOf(object)),
    many: (items, metadata) => table(items.map(row), metadata),
    bookmark: (object) => table([], versionOf(object)),
  };
};

/** The presenter that an Accept header asks for: the first form in it that is known. `now` (ms) is what ages are counted to, asked for each row: a watch lasts. */
export const presenterFor = (definition: KindDefinition, accept: string, now: () => number): Presenter => {
  for (const media of accept.split(',')) {
    if (media.includes('as=Table') && media.includes('application/json')) return tables(definition, now);
    if (/as=PartialObjectMetadata(List)?(;|$)/u.test(media) && media.includes('application/json')) return metadataOnly;
  }
  return whole(definition);
};
