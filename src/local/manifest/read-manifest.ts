/**
 * Reads manifests: YAML files with one or more Kubernetes objects. What is wrong is said with file, line and field.
 *
 * @module
 */
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import * as z from 'zod';
import { featureServerSpecSchema } from '../../api/featureserver.ts';
import { apiVersionOf, resourceTypes } from '../../api/resource-types.ts';
import { messageOf } from '../error-code.ts';
import type { KubeObject, ResourceType } from '../../runtime/ports.ts';

/** One object of a manifest. */
export interface ManifestObject {
  readonly type: ResourceType;
  readonly object: KubeObject;
  /** `file:line` of the object or of the field that a dotted path such as `spec.objective.p95` names, as far as it exists. */
  readonly at: (path: string) => string;
}

/** A manifest that cannot be used: one sentence for each problem, each beginning with `file:line`. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const accepted: readonly ResourceType[] = Object.values(resourceTypes);
const maxBytes = 4 * 1024 * 1024;

const head = z.object({
  apiVersion: z.string({ error: 'is missing; FeatureServers have plateau.dev/v1alpha1, ConfigMaps and Secrets v1' }),
  kind: z.string({ error: 'is missing; name the kind, such as FeatureServer' }),
  metadata: z.looseObject({ name: z.string({ error: 'is missing; give the object a name' }).min(1, { error: 'is empty; give the object a name' }) }, { error: 'is missing; add metadata: {name: …}' }),
});

/**
 * Reads all objects of a manifest; empty documents are skipped.
 *
 * @throws ManifestError
 */
export const readManifest = (text: string, file: string): ManifestObject[] => {
  if (text.length > maxBytes) throw new ManifestError([`${file}: is larger than 4 MiB; split it`]);
  const lines = new LineCounter();
  const documents = [...parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true })];
  const broken = documents.flatMap(({ errors }) => errors.map((error) => syntaxProblem(file, error)));
  if (broken.length > 0) throw new ManifestError(broken);
  const problems: string[] = [];
  const objects = documents.filter((document) => document.contents !== null).flatMap((document) => readObject(document, new Locator(file, document, lines), problems));
  if (problems.length > 0) throw new ManifestError(problems);
  if (!objects.some(({ type }) => type.kind === 'FeatureServer')) {
    throw new ManifestError([`${file}:1: holds no FeatureServer; add an object with apiVersion plateau.dev/v1alpha1 and kind FeatureServer`]);
  }
  return objects;
};

const syntaxProblem = (file: string, error: { message: string; linePos?: readonly { line: number; col: number }[] | undefined }): string => {
  const [position] = error.linePos ?? [];
  const what = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/u, '') ?? '';
  return `${file}:${position?.line ?? 1}:${position?.col ?? 1}: is not YAML: ${what}; check indentation, colons and quotes there`;
};

const readObject = (document: Document, locator: Locator, problems: string[]): ManifestObject[] => {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias (`*name`) without its anchor, or aliases that multiply without end: no error of the syntax.
    problems.push(`${locator.at('')}: cannot be read: ${messageOf(error)}; quote a value that begins with *`);
    return [];
  }
  const parsed = head.safeParse(value);
  if (!parsed.success) {
    problems.push(...locator.problems(parsed.error.issues, value));
    return [];
  }
  const { apiVersion, kind, metadata } = parsed.data;
  const type = accepted.find((candidate) => candidate.kind === kind && apiVersionOf(candidate) === apiVersion);
  if (type === undefined) {
    problems.push(`${locator.at('kind')}: kind: ${apiVersion} ${kind} is not known here; a manifest may hold ${accepted.map((candidate) => `${apiVersionOf(candidate)} ${candidate.kind}`).join(', ')}`);
    return [];
  }
  problems.push(...specProblems(kind, value, locator));
  const namespace = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'default';
  return [{ type, object: { ...(value as KubeObject), metadata: { ...metadata, namespace } }, at: (path) => locator.at(path) }];
};

/** Only wrong types are found here; what CEL says, the API server says when the object is applied. */
const specProblems = (kind: string, value: unknown, locator: Locator): string[] => {
  if (kind !== 'FeatureServer') return [];
  const parsed = z.object({ spec: featureServerSpecSchema }).safeParse(value);
  if (!parsed.success) return locator.problems(parsed.error.issues, value);
  return unknownFields(value, parsed.data, []).filter(([first]) => first === 'spec').map((path) => locator.problem(path, 'is no field of a FeatureServer; kubectl explain fsrv.spec --recursive lists them'));
};

/** Paths of what a schema has left out; below a field that is not known nothing is looked for. */
const unknownFields = (given: unknown, known: unknown, path: readonly string[]): string[][] => {
  if (typeof given !== 'object' || given === null || typeof known !== 'object' || known === null) return [];
  const read = new Map<string, unknown>(Object.entries(known));
  return Object.entries(given).flatMap(([key, value]) => (read.has(key) ? unknownFields(value, read.get(key), [...path, key]) : [[...path, key]]));
};

/** Finds the line of a field in the source. */
class Locator {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  at(path: string): string {
    return this.#position(path.split(/\.|\[|\]/u).filter((part) => part !== ''));
  }

  problems(issues: readonly z.core.$ZodIssue[], value: unknown): string[] {
    return issues.map((issue) => this.problem(issue.path.map(String), explain(issue, value)));
  }

  problem(path: readonly string[], what: string): string {
    return `${this.#position(path)}: ${path.join('.') || 'the object'}: ${what}`;
  }

  /** A field that is missing has no line, so the innermost one that is there counts. */
  #position(path: readonly string[]): string {
    for (let length = path.length; length > 0; length--) {
      const key = path.slice(0, length).map((part) => (/^[0-9]+$/u.test(part) ? Number(part) : part));
      const offset = offsetOf(this.#document.getIn(key, true));
      if (offset !== undefined) return `${this.#file}:${this.#lines.linePos(offset).line}`;
    }
    return `${this.#file}:${this.#lines.linePos(offsetOf(this.#document.contents) ?? 0).line}`;
  }
}

/** Our own words where zod has only its general ones. */
const explain = (issue: z.core.$ZodIssue, value: unknown): string => {
  const [, received] = issue.code === 'invalid_type' ? (/^Invalid input: expected \S+, received (\S+)$/u.exec(issue.message) ?? []) : [];
  if (issue.code !== 'invalid_type' || received === undefined) return issue.message;
  if (received !== 'undefined') return `is of type ${received}; write a value of type ${issue.expected}`;
  const parent = issue.path.slice(0, -1).reduce<unknown>((node, key) => new Map<PropertyKey, unknown>(Object.entries(node ?? {})).get(String(key)), value);
  const there = Object.keys(parent ?? {});
  return `is missing; add it, of type ${issue.expected}${there.length === 0 ? '' : ` (there are ${there.join(', ')})`}`;
};

const offsetOf = (node: unknown): number | undefined => {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [start] = node.range;
  return typeof start === 'number' ? start : undefined;
};
