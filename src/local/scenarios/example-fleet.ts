/**
 * The fleet of examples/local/ranking.yaml with the changes that a scenario needs: its time constants stand in that file alone.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import * as z from 'zod';

/** Folder of the example, which comes with the installed package. */
export const exampleFolder = join(resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..'), 'examples', 'local');

const variable = z.looseObject({ name: z.string(), value: z.string().optional() });
const featureServer = z.looseObject({
  kind: z.literal('FeatureServer'),
  spec: z.looseObject({ env: z.array(variable), pool: z.looseObject({}), scaling: z.looseObject({}), podTemplate: z.unknown() }),
});
const object = z.looseObject({ kind: z.string() });

export interface FleetChange {
  /** `spec.server` in place of the built-in one, which takes its volumes and environment away with it. */
  readonly server?: Readonly<Record<string, unknown>>;
  /** Objects besides the FeatureServer; absent, those of the example. */
  readonly others?: readonly Readonly<Record<string, unknown>>[];
  readonly env?: Readonly<Record<string, string>>;
  readonly threads: { readonly min: number; readonly initial: number; readonly max: number };
  /** Default: one. */
  readonly processes?: { readonly min: number; readonly max: number };
  /** Most pods. */
  readonly pods: number;
  /** CPU limit and request of a pod, cores. */
  readonly cpu?: number;
}

/** The manifest, YAML. */
export const exampleFleet = (change: FleetChange): string => {
  const documents = parseAllDocuments(readFileSync(join(exampleFolder, 'ranking.yaml'), 'utf8')).map((document): unknown => document.toJS());
  const fleet = featureServer.parse(documents.find((document) => object.safeParse(document).data?.kind === 'FeatureServer'));
  const others = change.others ?? documents.filter((document) => object.safeParse(document).data?.kind !== 'FeatureServer');
  return [...others, changed(fleet, change)].map((document) => stringify(document)).join('---\n');
};

type FeatureServer = z.infer<typeof featureServer>;

const changed = (fleet: FeatureServer, { server, env = {}, threads, processes = { min: 1, max: 1 }, pods, cpu }: FleetChange): FeatureServer => {
  const { podTemplate, ...spec } = fleet.spec;
  const cores = cpu === undefined ? {} : { resources: { limits: { cpu: String(cpu) }, requests: { cpu: String(cpu) } } };
  const own = server === undefined ? { podTemplate } : { server, podTemplate: undefined };
  return {
    ...fleet,
    spec: {
      ...spec,
      ...own,
      ...cores,
      env: withVariables(server === undefined ? spec.env : spec.env.filter(({ name }) => name === 'PLATEAU_QUEUE_FACTOR'), env),
      pool: { ...spec.pool, threads, processes },
      scaling: { ...spec.scaling, replicas: { min: 1, max: pods } },
    },
  };
};

const withVariables = (old: FeatureServer['spec']['env'], env: Readonly<Record<string, string>>): FeatureServer['spec']['env'] => [
  ...old.filter(({ name }) => !Object.hasOwn(env, name)),
  ...Object.entries(env).map(([name, value]) => ({ name, value })),
];
