import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { ManifestError, readManifest } from '../../../src/local/manifest/read-manifest.ts';
import { applyManifest } from '../../../src/local/manifest/apply-manifest.ts';
import { ApiError } from '../../../src/runtime/ports.ts';
import type { ApiClient, KubeObject } from '../../../src/runtime/ports.ts';

const fleet = `apiVersion: plateau.dev/v1alpha1
kind: FeatureServer
metadata:
  name: ranking
spec:
  objective:
    p95: 30ms
  server:
    custom:
      image: example/none
`;

const problemsOf = (text: string): readonly string[] => {
  try {
    readManifest(text, 'fleet.yaml');
    return [];
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
};

describe('readManifest', () => {
  it('reads the example', () => {
    const file = join(process.cwd(), 'examples/local/ranking.yaml');
    expect(readManifest(readFileSync(file, 'utf8'), file).map(({ type }) => type.kind)).toEqual(['ConfigMap', 'FeatureServer']);
  });

  it('puts objects without a namespace into default', () => {
    expect(readManifest(fleet, 'f').map(({ object }) => object.metadata.namespace)).toEqual(['default']);
  });

  it.each([
    ['text that is not YAML', 'spec: [1', 'fleet.yaml:1:', 'is not YAML'],
    ['a key twice', `${fleet}metadata: {name: x}\n`, 'fleet.yaml:11:', 'is not YAML'],
    ['a list', '- 1\n- 2\n', 'fleet.yaml:1', 'the object'],
    ['no FeatureServer', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n', 'fleet.yaml:1', 'holds no FeatureServer'],
    ['nothing', '', 'fleet.yaml:1', 'holds no FeatureServer'],
    ['no kind', fleet.replace('kind: FeatureServer\n', ''), 'fleet.yaml:1', 'kind: is missing'],
    ['no name', fleet.replace('  name: ranking\n', '  labels: {}\n'), 'fleet.yaml:4', 'metadata.name: is missing'],
    ['another version', fleet.replace('v1alpha1', 'v9'), 'fleet.yaml:2', 'plateau.dev/v9 FeatureServer is not known'],
    ['a kind that is not run here', fleet.replace('FeatureServer', 'CronJob'), 'fleet.yaml:2', 'is not known here'],
    ['a number for a duration', fleet.replace('30ms', '30'), 'fleet.yaml:7', 'spec.objective.p95'],
    ['a duration that is none', fleet.replace('30ms', 'soon'), 'fleet.yaml:7', 'write it like 30ms'],
    ['no objective', fleet.replace('  objective:\n    p95: 30ms\n', ''), 'fleet.yaml:6', 'spec.objective'],
    ['a required field under another name', fleet.replace('objective:', 'objectiv:'), 'fleet.yaml:6', 'is missing; add it, of type object (there are objectiv, server)'],
    ['an alias of nothing', `${fleet}  podTemplate: *none\n`, 'fleet.yaml:1', 'quote a value that begins with *'],
    ['a field that is none', `${fleet}  pool:\n    thread: {max: 4}\n`, 'fleet.yaml:12', 'spec.pool.thread: is no field of a FeatureServer'],
  ])('says of %s where it is and what to do', (_, text, place, part) => {
    const [problem = ''] = problemsOf(text);
    expect(problem).toContain(place);
    expect(problem).toContain(part);
  });

  it('names every problem of every object', () => {
    expect(problemsOf(`${fleet.replace('30ms', 'soon')}---\n${fleet.replace('30ms', 'later')}`)).toHaveLength(2);
  });

  it('never fails in another way', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.string().map((text) => fleet + text)), (text) => expect(Array.isArray(problemsOf(text))).toBe(true)));
  });
});

describe('applyManifest', () => {
  const client = (refuse: (object: KubeObject) => void): { client: ApiClient; applied: string[] } => {
    const applied: string[] = [];
    const unused = () => Promise.reject(new ApiError('NotFound', 'not used'));
    return {
      applied,
      client: {
        get: unused,
        list: unused,
        create: unused,
        replace: unused,
        delete: unused,
        watch: () => {
          throw new ApiError('NotFound', 'not used');
        },
        apply: (type, object) => {
          refuse(object);
          applied.push(type.kind);
          return Promise.resolve(object);
        },
      },
    };
  };
  const objects = readManifest(`${fleet}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n`, 'fleet.yaml');

  it('applies what a FeatureServer refers to before it', async () => {
    const given = client(() => undefined);
    await applyManifest(given.client, objects);
    expect(given.applied).toEqual(['ConfigMap', 'FeatureServer']);
  });

  it('finds the line of the field that the API server refuses', async () => {
    const given = client((object) => {
      if (object.kind === 'FeatureServer') throw new ApiError('Invalid', 'FeatureServer "ranking" is invalid: spec.server.custom.image: Too long');
    });
    await expect(applyManifest(given.client, objects)).rejects.toThrow('fleet.yaml:10: FeatureServer ranking is refused');
  });

  it('does not hide that the API server is away', async () => {
    const given = client(() => {
      throw new ApiError('Network', 'connection refused');
    });
    await expect(applyManifest(given.client, objects)).rejects.toMatchObject({ kind: 'Network' });
  });
});
