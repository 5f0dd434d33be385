/**
 * Flags of `plateau operator`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { parseDuration } from '../api/duration.ts';
import { operatorObjects } from '../api/names.ts';
import { packageVersion } from '../api/package-version.ts';
import type { OperatorOptions } from '../operator-options.ts';
import { logFormats, logLevels } from '../telemetry/logger.ts';
import { suggest } from './suggest.ts';

export const usage = `usage: plateau operator [FLAGS]

Runs the controllers of Plateau against the cluster of a kubeconfig, or of the Pod it runs in.

  --kubeconfig FILE          default: KUBECONFIG, the Pod's service account, ~/.kube/config
  --context NAME             a context other than the current one
  --namespace NAME           only FeatureServers of this namespace (default: all)
  --http-host HOST           address of /metrics, /healthz, /readyz, /api/fleets (default 127.0.0.1; in a Pod 0.0.0.0)
  --http-port PORT           default 8080; 0: any free port
  --leader-elect             of several processes only one acts; the others are warm standbys
  --lease-name NAME          default plateau-operator
  --lease-namespace NAME     also of the operator's own Secret (default: the Pod's namespace, else default)
  --lease-duration TIME      default 15s
  --renew-deadline TIME      default 10s
  --retry-period TIME        default 2s
  --operator-key-file FILE   32 random bytes or more, from which pool tokens are derived
                             (default: the Secret plateau-operator-key, made once)
  --builtin-image IMAGE      image of built-in servers that name none
  --pool-image IMAGE         image that brings the pool package to Python servers that name none
  --workers N                FeatureServers reconciled at the same time (default 8)
  --decisions FILE           appends every decision as a line of JSON, for plateau replay; at 64 MiB it becomes FILE.1
                             and a new one begins
  --log-level LEVEL          ${logLevels.join(', ')} (default info)
  --log-format FORMAT        ${logFormats.join(', ')} (default json; text on a terminal)
  --help
`;

/** A flag is wrong; the message names it and the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const flags = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  namespace: { type: 'string' },
  'http-host': { type: 'string' },
  'http-port': { type: 'string' },
  'leader-elect': { type: 'boolean' },
  'lease-name': { type: 'string' },
  'lease-namespace': { type: 'string' },
  'lease-duration': { type: 'string' },
  'renew-deadline': { type: 'string' },
  'retry-period': { type: 'string' },
  'operator-key-file': { type: 'string' },
  'builtin-image': { type: 'string' },
  'pool-image': { type: 'string' },
  workers: { type: 'string' },
  decisions: { type: 'string' },
  'log-level': { type: 'string' },
  'log-format': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Flags = ReturnType<typeof read>;

/** Surroundings that choose defaults. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  terminal: boolean;
}

/** Options from flags; undefined when help was asked for. @throws UsageError */
export const operatorOptions = (argv: string[], { env, terminal }: Surroundings): OperatorOptions | undefined => {
  const values = read(argv);
  if (values.help === true) return undefined;
  const ownNamespace = values['lease-namespace'] ?? env['POD_NAMESPACE'] ?? 'default';
  return {
    ...optional('kubeconfig', values.kubeconfig),
    ...optional('context', values.context),
    ...optional('namespace', values.namespace),
    ...optional('operatorKeyFile', values['operator-key-file']),
    ...optional('decisionsFile', values.decisions),
    ...optional('election', election(values, ownNamespace)),
    http: { host: values['http-host'] ?? defaultHost(env), port: integer('http-port', values['http-port'] ?? '8080', 0, 65_535) },
    operatorNamespace: ownNamespace,
    ownImages: { builtin: values['builtin-image'] ?? `plateau-worker:${packageVersion()}`, pool: values['pool-image'] ?? `plateau-pool:${packageVersion()}` },
    operatorPods: ownPods(env['POD_NAMESPACE']),
    workers: integer('workers', values.workers ?? '8', 1, 256),
    log: log(values, terminal),
  };
};

/** Probes come from the kubelet, hence from outside of the pod; anywhere else nobody but this machine is meant. */
const defaultHost = (env: Surroundings['env']): string => (env['KUBERNETES_SERVICE_HOST'] === undefined ? '127.0.0.1' : '0.0.0.0');

const ownPods = (namespace: string | undefined): OperatorOptions['operatorPods'] =>
  namespace === undefined ? null : { namespace, podLabels: { 'app.kubernetes.io/name': 'plateau' } };

const log = (values: Flags, terminal: boolean): OperatorOptions['log'] => ({
  level: choice('log-level', values['log-level'] ?? 'info', logLevels),
  format: choice('log-format', values['log-format'] ?? (terminal ? 'text' : 'json'), logFormats),
});

const read = (argv: string[]) => {
  try {
    return parseArgs({ args: argv, options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const name = /'--([a-z-]+)/u.exec(Error.isError(error) ? error.message : '')?.[1];
    const near = name === undefined || name in flags ? undefined : suggest(name, Object.keys(flags));
    const hint = near === undefined ? '' : ` Did you mean --${near}?`;
    throw new UsageError(`${Error.isError(error) ? error.message.split('. ')[0] : String(error)}.${hint} See plateau operator --help.`, { cause: error });
  }
};

const optional = <K extends keyof OperatorOptions>(name: K, value: OperatorOptions[K] | undefined): Pick<OperatorOptions, K> | object =>
  value === undefined ? {} : { [name]: value };

const election = (values: Flags, namespace: string): OperatorOptions['election'] => {
  if (values['leader-elect'] !== true) return undefined;
  return {
    lease: { namespace, name: values['lease-name'] ?? operatorObjects.lease },
    leaseDurationMs: duration('lease-duration', values['lease-duration'] ?? '15s'),
    renewDeadlineMs: duration('renew-deadline', values['renew-deadline'] ?? '10s'),
    retryPeriodMs: duration('retry-period', values['retry-period'] ?? '2s'),
  };
};

const integer = (name: string, text: string, min: number, max: number): number => {
  const value = /^\d+$/u.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} ${text}: give a whole number from ${min} to ${max}`);
};

const duration = (name: string, text: string): number => {
  const value = parseDuration(text);
  if (value !== undefined && value > 0) return value;
  throw new UsageError(`--${name} ${text}: give a duration like 15s`);
};

const choice = <T extends string>(name: string, text: string, known: readonly T[]): T => {
  const found = known.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} ${text}: give one of ${known.join(', ')}`);
};
