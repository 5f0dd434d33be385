/**
 * What a registry holds that this server cannot serve, each with the remedy.
 *
 * @module
 */
import type { RegistryContent } from './registry-file.ts';

/** The only one that Feast has ever written. */
const schemaVersion = '1';

/** All of it, one sentence each; empty when the project can be served. */
export const findUnservable = (content: RegistryContent, project: string): string[] => [
  ...checkSchema(content.schemaVersion),
  ...checkProject(content, project),
  ...content.onDemandViews.map(
    (name) => `on-demand feature view \`${name}\` is Python code, which this server does not run; delete it with \`feast delete ${name}\`, or use Feast's own server (server.feast)`,
  ),
  ...content.services
    .filter(({ precomputed }) => precomputed)
    .map(({ name }) => `feature service \`${name}\` has precompute_online=True, which this server does not read; apply it with precompute_online=False, or use Feast's own server (server.feast)`),
];

const checkSchema = (version: string): string[] => {
  if (version === schemaVersion || version === '') return [];
  return [`the registry's schema version is ${JSON.stringify(version)}, and this server knows only ${schemaVersion}; update Plateau`];
};

/** Also what a file looks like that was read while Feast wrote it: the project's entry comes after its views. */
const checkProject = ({ projects, views, services, onDemandViews, schemaVersion }: RegistryContent, project: string): string[] => {
  if (projects.has(project)) return [];
  if (projects.size > 0) return [`the registry knows no project \`${project}\`, but ${[...projects].sort().join(', ')}; correct \`project\`, or run \`feast apply\``];
  if (views.length + services.length + onDemandViews.length > 0) return [];
  return schemaVersion === '' ? ['the file is empty or no Feast registry; run `feast apply`'] : [`the registry holds nothing of the project \`${project}\`; run \`feast apply\``];
};
