/**
 * Writes a registry file that Feast and this server read alike. Field numbers: see registry-file.ts.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { valueType } from './value-types.ts';

type Writer = InstanceType<typeof protobuf.Writer>;

/** A field or join key with Feast's `ValueType` number. */
export interface WrittenField {
  readonly name: string;
  readonly type: number;
}

export interface WrittenView {
  readonly name: string;
  /** Names of its entities. */
  readonly entities: readonly string[];
  readonly features: readonly WrittenField[];
}

/** What is written: one project. */
export interface WrittenRegistry {
  readonly project: string;
  /** Entities by name, each with its join key. */
  readonly entities: ReadonlyMap<string, WrittenField>;
  readonly views: readonly WrittenView[];
  /** Feature services by name, with the names of the views they hold whole. */
  readonly services: ReadonlyMap<string, readonly string[]>;
}

/**
 * The bytes of the file.
 *
 * @param now milliseconds since the epoch
 */
export const encodeRegistry = (registry: WrittenRegistry, now: number, versionId: string): Buffer => {
  const writer = protobuf.Writer.create();
  const { project, entities, views, services } = registry;
  const seconds = Math.floor(now / 1000);
  for (const [name, key] of entities) message(writer, 1, (entity) => writeEntity(entity, name, key, project));
  writer.uint32(tag(3, 2)).string('1').uint32(tag(4, 2)).string(versionId);
  message(writer, 5, (time) => time.uint32(tag(1, 0)).int64(seconds));
  for (const view of views) message(writer, 6, (out) => writeView(out, view, registry, seconds));
  for (const [name, names] of services) message(writer, 7, (out) => writeService(out, name, names, registry));
  // Feast knows a project by its entry, and has it behind the views.
  message(writer, 17, (entry) => message(entry, 1, (spec) => spec.uint32(tag(1, 2)).string(project)));
  return Buffer.from(writer.finish());
};

/** Writes the file and puts it in place of an earlier one in one step. */
export const writeRegistry = (path: string, registry: WrittenRegistry): void => {
  const versionId = randomUUID();
  const temporary = `${path}.${versionId}`;
  const file = openSync(temporary, 'w', 0o644);
  try {
    writeSync(file, encodeRegistry(registry, Date.now(), versionId));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
};

const tag = (field: number, wire: number): number => (field << 3) | wire;

const message = (writer: Writer, field: number, write: (inner: Writer) => void): void => {
  writer.uint32(tag(field, 2)).fork();
  write(writer);
  writer.ldelim();
};

const text = (writer: Writer, field: number, value: string): void => void writer.uint32(tag(field, 2)).string(value);

const writeEntity = (entity: Writer, name: string, key: WrittenField, project: string): void =>
  message(entity, 1, (spec) => {
    text(spec, 1, name);
    spec.uint32(tag(2, 0)).int32(key.type);
    text(spec, 4, key.name);
    text(spec, 9, project);
  });

const writeField = (writer: Writer, field: number, { name, type }: WrittenField): void =>
  message(writer, field, (spec) => {
    text(spec, 1, name);
    spec.uint32(tag(2, 0)).int32(type);
  });

const writeView = (view: Writer, { name, entities, features }: WrittenView, registry: WrittenRegistry, seconds: number): void => {
  message(view, 1, (spec) => {
    text(spec, 1, name);
    text(spec, 2, registry.project);
    for (const entity of entities) text(spec, 3, entity);
    for (const feature of features) writeField(spec, 4, feature);
    spec.uint32(tag(8, 0)).bool(true);
    for (const entity of entities) writeField(spec, 12, registry.entities.get(entity) ?? { name: entity, type: valueType.unknown });
  });
  message(view, 2, (meta) => message(meta, 1, (time) => time.uint32(tag(1, 0)).int64(seconds)));
};

const writeService = (service: Writer, name: string, names: readonly string[], { project, views }: WrittenRegistry): void =>
  message(service, 1, (spec) => {
    text(spec, 1, name);
    text(spec, 2, project);
    for (const view of views.filter((candidate) => names.includes(candidate.name))) {
      message(spec, 3, (projection) => {
        text(projection, 1, view.name);
        for (const feature of view.features) writeField(projection, 2, feature);
      });
    }
  });
