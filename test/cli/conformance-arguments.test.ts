import { describe, expect, it } from '@jest/globals';
import { readConformanceArguments } from '../../src/cli/conformance-arguments.ts';
import { UsageError } from '../../src/cli/flag-table.ts';

const names = ['health', 'counts'];
const read = (...argv: string[]) => readConformanceArguments(argv, names);
const optionsOf = (...argv: string[]) => {
  const wanted = read(...argv);
  if (wanted.kind !== 'run') throw new Error(wanted.kind);
  return wanted.options;
};

describe('the command line of plateau conformance', () => {
  it('takes a running server', () => {
    expect(optionsOf('http://127.0.0.1:9100', '--serving', 'http://127.0.0.1:6566', '--pid', '42', '--only', 'health').target).toEqual({
      kind: 'running', adminUrl: 'http://127.0.0.1:9100', servingUrl: 'http://127.0.0.1:6566', token: undefined, pid: 42,
    });
  });

  it('takes a command behind --, its own flags and all', () => {
    expect(optionsOf('--quick', '--', 'server', '--quick', '--', 'x').target).toEqual({ kind: 'command', argv: ['server', '--quick', '--', 'x'] });
    expect(optionsOf('--start', 'server --port 1').target).toEqual({ kind: 'command', argv: ['/bin/sh', '-c', 'exec server --port 1'] });
  });

  it('takes the ways to lose a store', () => {
    expect(optionsOf('--store-proxy', '127.0.0.1:1=redis:2', '--', 'x').store).toEqual({ kind: 'proxy', listen: { host: '127.0.0.1', port: 1 }, target: { host: 'redis', port: 2 } });
    expect(optionsOf('--store-down', 'a', '--store-up', 'b', '--', 'x').store).toEqual({ kind: 'commands', down: 'a', up: 'b' });
  });

  it.each<[string, string[], RegExp]>([
    ['no server', [], /name one server/],
    ['two servers', ['http://a:1', '--', 'x'], /name one server/],
    ['nothing behind --', ['--'], /name one server/],
    ['no URL', ['localhost:9100'], /must be a URL/],
    ['TLS', ['https://a:1'], /plain HTTP/],
    ['a flag of a running server with a command', ['--pid', '3', '--', 'x'], /--pid.*leave it out/],
    ['a missing file', ['http://a:1', '--token-file', '/nowhere'], /--token-file: .*nowhere/],
    ['half a proxy', ['--store-proxy', '127.0.0.1:1', '--', 'x'], /HOST:PORT=HOST:PORT/],
    ['half of the commands', ['--store-down', 'x', '--', 'x'], /belong together/],
    ['two ways to lose a store', ['--store-down', 'a', '--store-up', 'b', '--store-proxy', 'a:1=b:2', '--', 'x'], /choose one/],
    ['an unknown check', ['--only', 'helth', '--', 'x'], /did you mean health/],
    ['an unknown flag', ['--quik', '--', 'x'], /did you mean --quick/],
    ['no duration', ['--connection-age', 'soon', '--', 'x'], /duration/],
    ['no process', ['http://a:1', '--pid', '1'], /whole number/],
    ['a path without a slash', ['--path', 'x', '--', 'x'], /must begin with/],
  ])('refuses %s', (_name, argv, message) => {
    expect(() => read(...argv)).toThrow(UsageError);
    expect(() => read(...argv)).toThrow(message);
  });
});
