/**
 * The schemas of the shipped built-in kinds, read from the generated file when first used.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { linkSchemas, type Schema } from './schema.ts';

const fileSchema = z.object({
  kinds: z.record(z.string(), z.string()),
  schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
});
type BuiltinFile = z.infer<typeof fileSchema>;

interface Builtin extends BuiltinFile {
  readonly find: (name: string) => Schema;
}
let loaded: Builtin | undefined;

/** The file as it is, and the linked schemas by name. */
export const builtinSchemas = (): Builtin => {
  if (loaded === undefined) {
    const file = fileSchema.parse(JSON.parse(readFileSync(new URL('builtin-kinds.json', import.meta.url), 'utf8')));
    loaded = { ...file, find: linkSchemas(file.schemas) };
  }
  return loaded;
};

/** The schema of `Kind` in a group and version. Throws when the generated file lacks it. */
export const builtinSchema = (apiVersion: string, kind: string): Schema => {
  const name = builtinSchemas().kinds[`${apiVersion}/${kind}`];
  if (name === undefined) throw new Error(`no schema for ${apiVersion} ${kind}; add it to hack/openapi/generate.ts`);
  return builtinSchemas().find(name);
};

/** The metadata every object has. */
export const objectMetaSchema = (): Schema =>
  builtinSchemas().find('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
