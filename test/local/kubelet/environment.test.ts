import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import type { FindConfiguration } from '../../../src/local/kubelet/configuration.ts';
import { containerArguments, containerEnvironment, expand } from '../../../src/local/kubelet/environment.ts';
import { podWith } from './support.ts';

const find: FindConfiguration = (kind, namespace, name) => {
  if (namespace !== 'shop') return undefined;
  if (kind === 'configmap' && name === 'settings') return { data: { MODE: 'fast', path: '/etc/x' } };
  return kind === 'secret' && name === 'keys' ? { data: { token: Buffer.from('s3cret').toString('base64') } } : undefined;
};

const environment = (container: Record<string, unknown>): Record<string, string> => {
  const given = podWith(container);
  return containerEnvironment({ ...given, find, cores: 2, addresses: { podIp: '127.1.2.3', hostIp: '127.0.0.1' }, rewrite: (text) => text.replace('/etc/x', '/run/x') });
};

describe('containerEnvironment', () => {
  it.each([
    ['a value', { value: 'one' }, 'one'],
    ['a mounted path', { value: '--file=/etc/x/f' }, '--file=/run/x/f'],
    ['an earlier variable', { value: '$(FIRST)/$(LATER)' }, '1/$(LATER)'],
    ['an escaped dollar', { value: '$$(FIRST)' }, '$(FIRST)'],
    ['the address of the pod', { valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, '127.1.2.3'],
    ['its name', { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, 'web-1'],
    ['a label', { valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }, 'web'],
    ['an absent label', { valueFrom: { fieldRef: { fieldPath: "metadata.labels['other']" } } }, ''],
    ['a key of a ConfigMap', { valueFrom: { configMapKeyRef: { name: 'settings', key: 'MODE' } } }, 'fast'],
    ['a key of a Secret', { valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } }, 's3cret'],
    ['the CPU limit, rounded up', { valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }, '2'],
    ['an optional key that is missing', { valueFrom: { configMapKeyRef: { name: 'none', key: 'x', optional: true } } }, undefined],
  ])('takes %s', (_, entry, expected) => {
    const result = environment({ env: [{ name: 'FIRST', value: '1' }, { name: 'WANTED', ...entry }], resources: { limits: { cpu: '1500m' } } });
    expect(result['WANTED']).toBe(expected);
  });

  it('takes whole ConfigMaps and Secrets, and lets env win', () => {
    const result = environment({ envFrom: [{ prefix: 'A_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }], env: [{ name: 'A_MODE', value: 'slow' }] });
    expect(result).toEqual({ A_MODE: 'slow', A_path: '/run/x', token: 's3cret' });
  });

  it.each([
    ['configmap "none" not found', { valueFrom: { configMapKeyRef: { name: 'none', key: 'x' } } }],
    ["couldn't find key x in secret shop/keys", { valueFrom: { secretKeyRef: { name: 'keys', key: 'x' } } }],
    ['fieldRef spec.magic is not supported', { valueFrom: { fieldRef: { fieldPath: 'spec.magic' } } }],
    ['resourceFieldRef limits.memory is not supported', { valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } }],
  ])('refuses: %s', (message, entry) => {
    expect(() => environment({ env: [{ name: 'WANTED', ...entry }] })).toThrow(message);
  });
});

describe('command lines', () => {
  it('are expanded and rewritten', () => {
    expect(containerArguments(['run', '--port=$(PORT)', '/etc/x/y'], { PORT: '1' }, (text) => text.replace('/etc/x', '/run'))).toEqual(['run', '--port=1', '/run/y']);
  });

  it('without a dollar stay as they are', () => {
    fc.assert(fc.property(fc.string().filter((text) => !text.includes('$')), (text) => expect(expand(text, { A: 'b' })).toBe(text)));
  });
});
