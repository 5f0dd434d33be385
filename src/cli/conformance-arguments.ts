/**
 * Flags of `plateau conformance`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseDuration } from '../api/duration.ts';
import type { ConformanceOptions, StoreControl } from '../conformance/options.ts';
import { messageOf } from '../local/error-code.ts';
import { flagLines, parseOptions, refuseUnknownFlags, UsageError } from './flag-table.ts';
import type { Flag } from './flag-table.ts';
import { suggest } from './suggest.ts';

export type ConformanceArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'run'; readonly options: ConformanceOptions; readonly json: string | undefined };

const flags = {
  serving: { type: 'string', value: 'URL', help: 'URL of the serving port; needed for everything that sends feature requests' },
  'token-file': { type: 'string', value: 'FILE', help: 'the token that the server was given; needed for everything that changes the pool' },
  pid: { type: 'string', value: 'PID', help: "the server's main process; needed for killed-process and sigterm, which ends it" },
  start: { type: 'string', value: 'COMMAND', help: 'a command for /bin/sh that starts the server, instead of URL; the same as -- COMMAND ARGS' },
  'start-timeout': { type: 'string', value: 'TIME', help: 'how long it may take to be ready (default 60s)' },
  'termination-grace': { type: 'string', value: 'TIME', help: 'how long it may take to end after SIGTERM (default 30s)' },
  path: { type: 'string', value: 'PATH', help: 'of feature requests (default /get-online-features)' },
  'request-body': { type: 'string', value: 'FILE', help: 'body of each request (default: synthetic 1x50 requests, as plateau load-features serves them)' },
  'store-proxy': { type: 'string', value: 'LISTEN=TARGET', help: 'HOST:PORT=HOST:PORT; stands between server and store, and takes the store away: let the server reach its store at LISTEN' },
  'store-down': { type: 'string', value: 'COMMAND', help: 'a command for /bin/sh that takes the store away; instead of the proxy, with --store-up' },
  'store-up': { type: 'string', value: 'COMMAND', help: 'a command for /bin/sh that brings it back' },
  'connection-age': { type: 'string', value: 'TIME', help: 'the maximum age of connections that the server was started with, such as 2s' },
  only: { type: 'string', multiple: true, value: 'NAME', help: 'run this check; may be repeated' },
  quick: { type: 'boolean', help: 'shorter loads, and no visible-p95: under 30 s' },
  list: { type: 'boolean', help: 'name the checks and run none' },
  json: { type: 'string', value: 'FILE', help: 'write the results as JSON' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, Flag>;

/** The text of `plateau conformance --help`. */
export const conformanceUsage = (): string => {
  return `usage: plateau conformance URL [FLAGS]                    URL is that of a running server's admin port
       plateau conformance [FLAGS] -- COMMAND ARGS...       starts the server itself, with the WORKER_POOL_* environment

Checks a server against the worker-pool protocol (docs/worker-pool-protocol.md). It sends load and changes the pool: keep it off pods that an operator steers.

${flagLines(flags)}

Exit code: 0 when nothing failed, 1 when a check failed, 2 when the command line is wrong or there is no server.
`;
};

/**
 * Reads the command line.
 *
 * @param names of the checks that there are
 * @throws UsageError that lists every problem
 */
export const readConformanceArguments = (argv: readonly string[], names: readonly string[]): ConformanceArguments => {
  const { values, positionals, command } = parse(argv);
  if (values['help'] === true) return { kind: 'help' };
  if (values['list'] === true) return { kind: 'list' };
  const reader = new Reader(values);
  const options: ConformanceOptions = {
    target: reader.target(positionals, command),
    path: reader.path(),
    body: reader.body(),
    store: reader.store(),
    connectionAgeMs: reader.duration('connection-age'),
    quick: values['quick'] === true,
    only: reader.only(names),
    startTimeoutMs: reader.duration('start-timeout') ?? 60_000,
    terminationGraceMs: reader.duration('termination-grace') ?? 30_000,
  };
  if (reader.problems.length > 0) throw new UsageError(reader.problems.join('\n'));
  return { kind: 'run', options, json: reader.text('json') };
};

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  /** What stands behind `--`. */
  readonly command: readonly string[] | undefined;
}

const parse = (argv: readonly string[]): Parsed => {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  refuseUnknownFlags(own, flags, 'plateau conformance');
  try {
    const { values, positionals } = parseArgs({ args: [...own], options: parseOptions(flags), allowPositionals: true });
    return { values, positionals, command: end < 0 ? undefined : argv.slice(end + 1) };
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nplateau conformance --help lists the flags`);
  }
};

type FlagName = keyof typeof flags;

class Reader {
  readonly problems: string[] = [];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: FlagName): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  target(positionals: readonly string[], command: readonly string[] | undefined): ConformanceOptions['target'] {
    const start = this.text('start');
    const ways = [positionals.length > 0, start !== undefined, command !== undefined].filter(Boolean).length;
    if (ways !== 1 || positionals.length > 1 || command?.length === 0) this.problems.push('name one server: the URL of its admin port, or --start COMMAND, or -- COMMAND ARGS');
    if (start !== undefined) return this.#command(['/bin/sh', '-c', `exec ${start}`]);
    if (command !== undefined) return this.#command(command);
    const pid = this.#integer('pid', 2, 2 ** 31);
    return { kind: 'running', adminUrl: this.#url(positionals[0] ?? '', 'URL'), servingUrl: this.#optionalUrl('serving'), token: this.#token(), pid };
  }

  path(): string {
    const path = this.text('path') ?? '/get-online-features';
    if (!path.startsWith('/')) this.problems.push(`--path ${path}: must begin with /`);
    return path;
  }

  body(): string | null {
    const file = this.text('request-body');
    return file === undefined ? null : this.#read('request-body', file);
  }

  store(): StoreControl | undefined {
    const [proxy, down, up] = [this.text('store-proxy'), this.text('store-down'), this.text('store-up')];
    if (proxy !== undefined && (down !== undefined || up !== undefined)) this.problems.push('--store-proxy and --store-down/--store-up are two ways to take the store away: choose one');
    if (proxy !== undefined) return this.#proxy(proxy);
    if (down !== undefined && up !== undefined) return { kind: 'commands', down, up };
    if (down !== undefined || up !== undefined) this.problems.push('--store-down and --store-up belong together: what is taken away has to come back');
    return undefined;
  }

  only(names: readonly string[]): string[] {
    const only = Array.isArray(this.#values['only']) ? this.#values['only'].map(String) : [];
    for (const name of only.filter((name) => !names.includes(name))) {
      const near = suggest(name, names);
      this.problems.push(`--only ${name}: no such check${near === undefined ? '' : `; did you mean ${near}?`} (--list names them)`);
    }
    return only;
  }

  duration(name: FlagName): number | undefined {
    const text = this.text(name);
    const value = text === undefined ? undefined : parseDuration(text);
    if (text !== undefined && (value === undefined || value < 100)) this.problems.push(`--${name} ${text}: must be a duration of at least 100ms, such as 2s`);
    return value;
  }

  #command(argv: readonly string[]): ConformanceOptions['target'] {
    const others = (['serving', 'token-file', 'pid'] as const).filter((name) => this.text(name) !== undefined);
    if (others.length > 0) this.problems.push(`${others.map((name) => `--${name}`).join(', ')}: a server that is started here gets its ports and its token here; leave it out`);
    return { kind: 'command', argv };
  }

  #proxy(text: string): StoreControl {
    const [, listenHost = '', listenPort = '', targetHost = '', targetPort = ''] = /^(.+):([0-9]+)=(.+):([0-9]+)$/u.exec(text) ?? [];
    const isPort = (port: string): boolean => Number(port) >= 1 && Number(port) <= 65_535;
    if (!isPort(listenPort) || !isPort(targetPort)) this.problems.push(`--store-proxy ${text}: must be HOST:PORT=HOST:PORT, such as 127.0.0.1:7379=127.0.0.1:6379`);
    return { kind: 'proxy', listen: { host: listenHost, port: Number(listenPort) }, target: { host: targetHost, port: Number(targetPort) } };
  }

  #optionalUrl(name: FlagName): string | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.#url(text, `--${name}`);
  }

  #url(text: string, name: string): string {
    if (URL.canParse(text) && new URL(text).protocol === 'http:') return text;
    if (text !== '') this.problems.push(`${name} ${text}: must be a URL such as http://127.0.0.1:9100 (the protocol is plain HTTP)`);
    return text;
  }

  #token(): string | undefined {
    const file = this.text('token-file');
    const token = file === undefined ? undefined : this.#read('token-file', file).trim();
    if (token === '') this.problems.push(`--token-file ${file}: the file is empty`);
    return token;
  }

  #integer(name: FlagName, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^[0-9]+$/u.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) this.problems.push(`--${name} ${text}: must be a whole number from ${min} to ${max}`);
    return value;
  }

  #read(name: FlagName, file: string): string {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      this.problems.push(`--${name}: ${messageOf(error)}`);
      return '';
    }
  }
}
