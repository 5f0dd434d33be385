/**
 * Flags and environment of `plateau worker`. A flag wins over the environment.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { parseDuration } from '../api/duration.ts';
import { poolEnv } from '../api/protocol.ts';

export interface Settings {
  featureStore: string;
  host: string;
  port: number;
  adminPort: number;
  configFile: string | undefined;
  tokenFile: string | undefined;
  threads: number;
  processes: number;
  objectiveMs: number;
  threadsMax: number;
  processesMax: number;
  /** Requests that may wait for each request that is worked on; see `queueFor`. */
  queueFactor: number;
  /** Longest wait in a queue that stands, ms; 0: what the objective leaves. */
  queueWaitMs: number;
  maxBodyBytes: number;
  maxConnectionAgeMs: number;
  keepAliveTimeoutMs: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  idleDrainMs: number;
  drainGraceMs: number;
  terminationGraceMs: number;
  registryCheckMs: number;
  storeTimeoutMs: number;
  /** How entities that the store does not have are answered where Feast answers PRESENT (Redis). */
  missingEntities: 'feast' | 'not-found';
  storeDelayMs: number;
  storeDelaySigma: number;
  cpuBurnMs: number;
}

/** What is wrong with the command line, one sentence a line. */
export class UsageError extends Error {}

interface Flag {
  kind: 'text' | 'integer' | 'number' | 'duration';
  env?: string;
  fallback?: string;
  help: string;
}

const flags = {
  'feature-store': { kind: 'text', help: 'feature_store.yaml to serve (needed)' },
  port: { kind: 'integer', env: poolEnv.servingPort, fallback: '6566', help: 'serving port; 0 takes a free one' },
  'admin-port': { kind: 'integer', env: poolEnv.adminPort, fallback: '9100', help: 'port of metrics, health and pool; 0 takes a free one' },
  host: { kind: 'text', env: poolEnv.host, fallback: '0.0.0.0', help: 'address to listen on' },
  config: { kind: 'text', env: poolEnv.config, help: 'pool configuration file (JSON), read before readiness' },
  'token-file': { kind: 'text', env: poolEnv.tokenFile, help: 'file with the token that PUT /pool needs' },
  threads: { kind: 'integer', fallback: '8', help: 'requests that each process holds at once, when no configuration file says it' },
  processes: { kind: 'integer', fallback: '1', help: 'serving processes, when no configuration file says it' },
  objective: { kind: 'duration', fallback: '100ms', help: 'p95 objective, when no configuration file says it' },
  'threads-max': { kind: 'integer', fallback: '1024', help: 'largest size that PUT /pool may ask for' },
  'processes-max': { kind: 'integer', fallback: '64', help: 'most processes that PUT /pool may ask for' },
  'queue-factor': { kind: 'number', env: 'PLATEAU_QUEUE_FACTOR', fallback: '8', help: 'requests that may wait, per request held at once (at least 64 in all)' },
  'queue-wait': { kind: 'duration', env: 'PLATEAU_QUEUE_WAIT', fallback: '0', help: 'longest wait of a request in a queue that stands; 0: what still lets it be answered near the objective' },
  'max-body': { kind: 'integer', fallback: String(8 * 1024 * 1024), help: 'largest request body, bytes' },
  'max-connection-age': { kind: 'duration', fallback: '60s', help: 'age at which a connection is closed with its next answer, +-10 %' },
  'keep-alive-timeout': { kind: 'duration', fallback: '65s', help: 'how long an idle connection is kept' },
  'headers-timeout': { kind: 'duration', fallback: '10s', help: 'how long the headers of a request may take' },
  'request-timeout': { kind: 'duration', fallback: '30s', help: 'how long a whole request may take to arrive' },
  'idle-drain': { kind: 'duration', fallback: '5s', help: 'how long a retiring process waits for idle connections to end with one more answer' },
  'drain-grace': { kind: 'duration', fallback: '5s', help: 'how long connections are accepted after SIGTERM' },
  'termination-grace': { kind: 'duration', fallback: '30s', help: "the pod's grace period; the worker is gone before" },
  'registry-check': { kind: 'duration', env: 'PLATEAU_REGISTRY_CHECK', fallback: '1s', help: 'how often feature_store.yaml and registry are looked at for changes' },
  'store-timeout': { kind: 'duration', env: 'PLATEAU_STORE_TIMEOUT', fallback: '500ms', help: 'longest wait for the online store; then the answer is 503' },
  'missing-entities': { kind: 'text', env: 'PLATEAU_MISSING_ENTITIES', fallback: 'feast', help: 'on Redis: "feast" answers PRESENT and null as Feast does, "not-found" NOT_FOUND' },
  'store-delay': { kind: 'duration', env: 'PLATEAU_STORE_DELAY', fallback: '0', help: 'for demonstrations: every store read waits so long' },
  'store-delay-sigma': { kind: 'number', env: 'PLATEAU_STORE_DELAY_SIGMA', fallback: '0', help: 'for demonstrations: lognormal spread of that wait' },
  'cpu-burn': { kind: 'duration', env: 'PLATEAU_CPU_BURN', fallback: '0', help: 'for demonstrations: extra CPU time of each request' },
} as const satisfies Record<string, Flag>;

/** The text of `plateau worker --help`. */
export function usage(): string {
  const lines = Object.entries(flags).map(([name, flag]: [string, Flag]) => {
    const more = [flag.env, flag.fallback === undefined ? undefined : `default ${flag.fallback}`].filter((part) => part !== undefined);
    return `  --${name.padEnd(20)} ${flag.help}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
  });
  return `usage: plateau worker --feature-store FILE [FLAGS]\n\n${lines.join('\n')}\n`;
}

/**
 * Reads flags and environment.
 * @throws UsageError that lists every problem
 */
export function readSettings(argv: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const given = parseFlags(argv);
  const reader = new Reader(given, env);
  const settings: Settings = {
    featureStore: reader.text('feature-store'),
    host: reader.text('host'),
    port: reader.integer('port', 0, 65_535),
    adminPort: reader.integer('admin-port', 0, 65_535),
    configFile: reader.optional('config'),
    tokenFile: reader.optional('token-file'),
    threads: reader.integer('threads', 1, 4096),
    processes: reader.integer('processes', 1, 256),
    objectiveMs: reader.duration('objective', 0.001),
    threadsMax: reader.integer('threads-max', 1, 4096),
    processesMax: reader.integer('processes-max', 1, 256),
    queueFactor: reader.number('queue-factor', 0, 1000),
    queueWaitMs: reader.duration('queue-wait', 0),
    maxBodyBytes: reader.integer('max-body', 1, 256 * 1024 * 1024),
    maxConnectionAgeMs: reader.duration('max-connection-age', 100),
    keepAliveTimeoutMs: reader.duration('keep-alive-timeout', 1),
    headersTimeoutMs: reader.duration('headers-timeout', 1),
    requestTimeoutMs: reader.duration('request-timeout', 1),
    idleDrainMs: reader.duration('idle-drain', 0),
    drainGraceMs: reader.duration('drain-grace', 0),
    terminationGraceMs: reader.duration('termination-grace', 1),
    registryCheckMs: reader.duration('registry-check', 10),
    storeTimeoutMs: reader.duration('store-timeout', 1),
    missingEntities: reader.choice('missing-entities', ['feast', 'not-found']),
    storeDelayMs: reader.duration('store-delay', 0),
    storeDelaySigma: reader.number('store-delay-sigma', 0, 3),
    cpuBurnMs: reader.duration('cpu-burn', 0),
  };
  if (reader.problems.length > 0) throw new UsageError(reader.problems.join('\n'));
  return settings;
}

type FlagName = keyof typeof flags;

function parseFlags(argv: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'string' } as const]));
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

class Reader {
  readonly problems: string[] = [];
  private readonly given: Record<string, unknown>;
  private readonly env: NodeJS.ProcessEnv;

  constructor(given: Record<string, unknown>, env: NodeJS.ProcessEnv) {
    this.given = given;
    this.env = env;
  }

  optional(name: FlagName): string | undefined {
    const flag: Flag = flags[name];
    const given = this.given[name];
    if (typeof given === 'string') return given;
    const fromEnv = flag.env === undefined ? undefined : this.env[flag.env];
    return fromEnv === undefined || fromEnv === '' ? flag.fallback : fromEnv;
  }

  text(name: FlagName): string {
    const value = this.optional(name);
    if (value === undefined) this.problems.push(`--${name} is missing: ${flags[name].help}`);
    return value ?? '';
  }

  number(name: FlagName, min: number, max: number): number {
    const text = this.text(name);
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value >= min && value <= max)) this.problems.push(`${this.source(name)} must be a number from ${min} to ${max}, not "${text}"`);
    return value;
  }

  integer(name: FlagName, min: number, max: number): number {
    const value = this.number(name, min, max);
    if (Number.isFinite(value) && !Number.isInteger(value)) this.problems.push(`${this.source(name)} must be a whole number, not ${value}`);
    return value;
  }

  duration(name: FlagName, minMs: number): number {
    const text = this.text(name);
    const value = text === '0' ? 0 : parseDuration(text);
    if (value === undefined || value < minMs) {
      this.problems.push(`${this.source(name)} must be a duration of at least ${minMs}ms such as 20ms or 1.5s, not "${text}"`);
    }
    return value ?? 0;
  }

  choice<T extends string>(name: FlagName, allowed: readonly [T, ...T[]]): T {
    const text = this.text(name);
    const found = allowed.find((value) => value === text);
    if (found === undefined) this.problems.push(`${this.source(name)} must be ${allowed.join(' or ')}, not "${text}"`);
    return found ?? allowed[0];
  }

  private source(name: FlagName): string {
    const flag: Flag = flags[name];
    return this.given[name] === undefined && flag.env !== undefined && this.env[flag.env] !== undefined ? flag.env : `--${name}`;
  }
}
