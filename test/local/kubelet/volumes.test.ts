import { mkdtempSync, readFileSync, readdirSync, rmSync, existsSync, writeFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeVolumes } from '../../../src/local/kubelet/volumes.ts';
import type { Mount } from '../../../src/local/kubelet/mounts.ts';
import { podWith } from './support.ts';

describe('writeVolumes', () => {
  let folder = '';
  let data: Record<string, string> = {};
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-volumes-'));
    data = { 'pool.json': '{"threads":4}', 'store.yaml': 'path: /var/lib/features/online.db' };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const at = (mount: Mount | undefined, ...path: string[]): string => join(mount?.hostPath ?? '', ...path);
  const write = (volumes: unknown[], volumeMounts: unknown[]): Mount[] =>
    writeVolumes({
      ...podWith({ volumeMounts }, { volumes }),
      addresses: { podIp: '127.1.1.1', hostIp: '127.0.0.1' },
      find: (kind, _, name) => (name === 'absent' ? undefined : { data: kind === 'secret' ? { token: Buffer.from('t').toString('base64') } : data }),
      podFolder: join(folder, 'pod'),
      sharedFolder: join(folder, 'shared'),
    });

  it('writes ConfigMaps and Secrets, names folders for mounted paths inside them, and keeps them up to date', () => {
    const volumes = [{ name: 'config', configMap: { name: 'pool' } }, { name: 'keys', secret: { secretName: 'k' } }, { name: 'data', persistentVolumeClaim: { claimName: 'features' } }];
    const mounts = [{ name: 'config', mountPath: '/etc/pool' }, { name: 'keys', mountPath: '/etc/keys' }, { name: 'data', mountPath: '/var/lib/features' }];
    const [config, keys, claim] = write(volumes, mounts);
    expect(readFileSync(at(keys, 'token'), 'utf8')).toBe('t');
    expect(statSync(at(keys, 'token')).mode & 0o077).toBe(0);
    expect(claim?.hostPath).toBe(join(folder, 'shared', 'claims', 'shop', 'features'));
    expect(readFileSync(at(config, 'store.yaml'), 'utf8')).toBe(`path: ${claim?.hostPath}/online.db`);

    data = { 'pool.json': '{"threads":8}' };
    write(volumes, mounts);
    expect(readdirSync(at(config))).toEqual(['pool.json']);
    expect(readFileSync(at(config, 'pool.json'), 'utf8')).toBe('{"threads":8}');
  });

  it('takes chosen keys, projections and the downward API', () => {
    const volumes = [
      { name: 'one', configMap: { name: 'pool', items: [{ key: 'pool.json', path: 'deep/er.json' }] } },
      { name: 'two', projected: { sources: [{ configMap: { name: 'pool' } }, { secret: { name: 'k' } }, { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } }] } },
    ];
    const [one, two] = write(volumes, [{ name: 'one', mountPath: '/one' }, { name: 'two', mountPath: '/two' }]);
    expect(readFileSync(at(one, 'deep', 'er.json'), 'utf8')).toContain('threads');
    expect(readdirSync(at(two)).toSorted()).toEqual(['name', 'pool.json', 'store.yaml', 'token']);
  });

  it('leaves what a program wrote into its own volumes alone', () => {
    const volumes = [{ name: 'scratch', emptyDir: {} }];
    const [scratch] = write(volumes, [{ name: 'scratch', mountPath: '/cache' }]);
    writeFileSync(at(scratch, 'mine'), 'x');
    write(volumes, [{ name: 'scratch', mountPath: '/cache' }]);
    expect(existsSync(at(scratch, 'mine'))).toBe(true);
  });

  it('cannot be led out of its folder', () => {
    const volumes = [{ name: 'one', configMap: { name: 'pool', items: [{ key: 'pool.json', path: '../../../escaped' }] } }];
    write(volumes, [{ name: 'one', mountPath: '/one', subPath: '../..' }]);
    expect(existsSync(join(folder, 'escaped'))).toBe(false);
    expect(existsSync(join(folder, 'pod', 'volumes', 'one', 'escaped'))).toBe(true);
  });

  it.each([
    ['configmap "absent" not found', [{ name: 'v', configMap: { name: 'absent' } }]],
    ['references non-existent configmap key: no', [{ name: 'v', configMap: { name: 'pool', items: [{ key: 'no', path: 'x' }] } }]],
    ['mounts volume "v", which the pod does not have', []],
  ])('says: %s', (message, volumes) => {
    expect(() => write(volumes, [{ name: 'v', mountPath: '/v' }])).toThrow(message);
  });

  it('does without what is optional', () => {
    const [mount] = write([{ name: 'v', configMap: { name: 'absent', optional: true } }], [{ name: 'v', mountPath: '/v' }]);
    expect(readdirSync(at(mount))).toEqual([]);
  });
});
