import { describe, expect, it } from '@jest/globals';
import { pathRewriter } from '../../../src/local/kubelet/mounts.ts';

const rewrite = pathRewriter(
  [
    { mountPath: '/etc/plateau', hostPath: '/run/a' },
    { mountPath: '/etc/plateau/token/', hostPath: '/run/b' },
    { mountPath: '/tmp', hostPath: '/run/scratch', scratch: true },
  ],
  (path) => path === '/tmp/server.py',
);

describe('pathRewriter', () => {
  it.each([
    ['/etc/plateau', '/run/a'],
    ['/etc/plateau/pool.json', '/run/a/pool.json'],
    ['/etc/plateau/token/token', '/run/b/token'],
    ['--config=/etc/plateau/pool.json', '--config=/run/a/pool.json'],
    ['a:/etc/plateau:b', 'a:/run/a:b'],
    ['{path: /etc/plateau/online.db}', '{path: /run/a/online.db}'],
    ['"/etc/plateau/x", "/etc/plateau/y"', '"/run/a/x", "/run/a/y"'],
    ['/etc/plateaus', '/etc/plateaus'],
    ['/opt/etc/plateau', '/opt/etc/plateau'],
    ['http://host/etc/plateau', 'http://host/etc/plateau'],
    ['/tmp', '/run/scratch'],
    ['/tmp/cache.db', '/run/scratch/cache.db'],
    ['/tmp/server.py', '/tmp/server.py'],
    ['nothing here', 'nothing here'],
  ])('makes of "%s" "%s"', (text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });

  it('changes nothing without mounts', () => {
    expect(pathRewriter([])('/tmp/x')).toBe('/tmp/x');
  });
});
