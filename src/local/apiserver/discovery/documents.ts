/**
 * Everything under a path that is no resource: discovery, OpenAPI, version, health.
 *
 * @module
 */
import type { EngineParts } from '../engine/context.ts';
import type { Answer } from '../http/respond.ts';
import { openApiDocument, openApiIndex } from '../openapi/document.ts';
import { StatusError } from '../status-error.ts';
import { aggregated, apiVersions, group, groupList, resourceList } from './discovery.ts';

/** The Kubernetes whose behaviour the server follows; kubectl compares its own version with it. */
const version = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.4+plateau-local',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'plateau/local',
};

const ok = (body: unknown, contentType?: string): Answer => ({ code: 200, body, ...(contentType === undefined ? {} : { contentType }) });

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const wantsAggregated = (accept: string): boolean => accept.includes('g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');

const fixed: Readonly<Record<string, (parts: EngineParts, accept: string) => Answer>> = {
  '/version': () => ok(version),
  '/healthz': () => ok('ok', 'text/plain'),
  '/readyz': () => ok('ok', 'text/plain'),
  '/livez': () => ok('ok', 'text/plain'),
  '/api': (parts, accept) => (wantsAggregated(accept) ? ok(aggregated(parts, true), aggregatedType) : ok(apiVersions())),
  '/apis': (parts, accept) => (wantsAggregated(accept) ? ok(aggregated(parts, false), aggregatedType) : ok(groupList(parts))),
  '/openapi/v3': (parts) => ok(openApiIndex(parts)),
  '/openapi/v2': () => {
    throw new StatusError(404, 'NotFound', 'the embedded API server speaks OpenAPI v3 only; ask /openapi/v3');
  },
};

/** The document at a path, or undefined when there is none. */
export const answerDocument = (parts: EngineParts, path: string, accept: string): Answer | undefined => {
  const trimmed = path.length > 1 ? path.replace(/\/+$/u, '') : path;
  const known = Object.hasOwn(fixed, trimmed) ? fixed[trimmed] : undefined;
  if (known !== undefined) return known(parts, accept);
  if (trimmed.startsWith('/openapi/v3/')) return found(openApiDocument(parts, trimmed.slice('/openapi/v3/'.length)));
  const [, root, first = '', second = '', ...rest] = trimmed.split('/');
  if (rest.length > 0) return undefined;
  if (root === 'api' && second === '') return found(resourceList(parts, '', first));
  if (root === 'apis') return found(second === '' ? group(parts, first) : resourceList(parts, first, second));
  return undefined;
};

const found = (body: unknown): Answer | undefined => (body === undefined ? undefined : ok(body));
