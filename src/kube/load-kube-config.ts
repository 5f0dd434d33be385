/**
 * Where the API server is and who we are: from a kubeconfig file or from the Pod we run in.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { checkKubeConfig } from './check-kube-config.ts';

/** An API server and credentials for it. */
export interface KubeConnection {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string;
  /** Namespace of the context, when it names one. */
  readonly namespace: string | undefined;
  /** Where this came from, for messages: a file name or `the Pod's service account`. */
  readonly source: string;
  /** Proxy of the cluster, when it has one. */
  readonly proxyUrl: string | undefined;
  /** Reads credentials anew. Rejects with a `KubeConfigError` that names the source. */
  readonly authenticate: () => Promise<Credentials>;
}

/** Who we are: TLS settings, and headers with the token. */
export interface Credentials {
  readonly tls: TlsSettings;
  readonly headers: Record<string, string>;
}

/** The TLS settings that a kubeconfig can name; absent means the default of Node. */
export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface KubeConfigSource {
  /** A kubeconfig file; wins over everything else. */
  readonly path?: string;
  /** A context of it other than the current one. */
  readonly context?: string;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where a Pod finds its token. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly serviceAccountDir?: string;
}

/** What is wrong with the configuration, in one sentence that names the file and the remedy. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/**
 * Finds the configuration: `path`, else the files of KUBECONFIG, else the Pod's service account, else `~/.kube/config` (the
 * order of controller-runtime). Throws `KubeConfigError`.
 */
export const loadKubeConfig = (source: KubeConfigSource = {}): KubeConnection => {
  const env = source.env ?? process.env;
  const account = source.serviceAccountDir ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (source.path !== undefined) return fromFiles([source.path], source.context);
  if (named.length > 0) return fromFiles(named, source.context);
  if ((env['KUBERNETES_SERVICE_HOST'] ?? '') !== '' && existsSync(join(account, 'token'))) return fromPod(account, env);
  const home = join(env['HOME'] ?? homedir(), '.kube', 'config');
  if (existsSync(home)) return fromFiles([home], source.context);
  throw new KubeConfigError(`no cluster to talk to: neither --kubeconfig nor KUBECONFIG is given, this is no Pod, and ${home} does not exist; name a kubeconfig with --kubeconfig FILE`);
};

/** The kubelet renews the token file; it is read again while the process runs. */
const fromPod = (account: string, env: Readonly<Record<string, string | undefined>>): KubeConnection => {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  const namespaceFile = join(account, 'namespace');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'pod', server, caFile: join(account, 'ca.crt'), skipTLSVerify: false }],
    users: [{ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile: join(account, 'token') } } }],
    contexts: [{ name: 'pod', cluster: 'pod', user: 'pod', namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined }],
    currentContext: 'pod',
  });
  return connectionOf(config, "the Pod's service account");
};

const fromFiles = (files: readonly string[], context: string | undefined): KubeConnection => {
  const source = files.join(delimiter);
  const merged = new KubeConfig();
  for (const file of files) mergeFirstWins(merged, loadFile(file));
  if (context !== undefined) merged.setCurrentContext(context);
  const names = merged.getContexts().map(({ name }) => name);
  const current = merged.getCurrentContext();
  if (current === undefined || current === '') throw new KubeConfigError(`kubeconfig ${source}: no current-context; choose one of ${listed(names)} with --context`);
  if (!names.includes(current)) throw new KubeConfigError(`kubeconfig ${source}: there is no context "${current}"; it has ${listed(names)}`);
  return connectionOf(merged, `kubeconfig ${source}`);
};

const loadFile = (file: string): KubeConfig => {
  const text = readKubeConfig(file);
  const check = checkKubeConfig(text);
  if ('problem' in check) throw new KubeConfigError(`kubeconfig ${file}: ${check.problem}`);
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch (error) {
    throw new KubeConfigError(`kubeconfig ${file}: ${messageOf(error)}; repair the file or name another with --kubeconfig`, { cause: error });
  }
  const directory = resolve(dirname(file));
  config.makePathsAbsolute(directory);
  useTokenFiles(config, check.tokenFiles, directory);
  return config;
};

/** client-node ignores a user's `tokenFile`, but knows the same thing as an auth provider, which also reads it again. */
const useTokenFiles = (config: KubeConfig, tokenFiles: ReadonlyMap<string, string>, directory: string): void => {
  config.users = config.getUsers().map((user) => {
    const file = tokenFiles.get(user.name);
    return file === undefined ? user : { ...user, authProvider: { name: 'tokenFile', config: { tokenFile: resolve(directory, file) } } };
  });
};

const readKubeConfig = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KubeConfigError(`kubeconfig ${file} cannot be read (${messageOf(error)}); name another with --kubeconfig FILE or KUBECONFIG`, { cause: error });
  }
};

/** As kubectl merges: of two entries of one name the first file's counts. client-node's own merge refuses them. */
const mergeFirstWins = (into: KubeConfig, from: KubeConfig): void => {
  for (const cluster of from.getClusters()) if (into.getCluster(cluster.name) === null) into.addCluster(cluster);
  for (const user of from.getUsers()) if (into.getUser(user.name) === null) into.addUser(user);
  for (const context of from.getContexts()) if (into.getContextObject(context.name) === null) into.addContext(context);
  if ((into.getCurrentContext() ?? '') === '') into.setCurrentContext(from.getCurrentContext());
};

const connectionOf = (config: KubeConfig, source: string): KubeConnection => {
  const cluster = config.getCurrentCluster();
  const context = config.getContextObject(config.getCurrentContext());
  if (cluster === null) throw new KubeConfigError(`${source}: context "${config.getCurrentContext()}" names cluster "${context?.cluster ?? ''}", which is not there; add it under clusters or choose another context`);
  const user = config.getCurrentUser();
  if (user === null && (context?.user ?? '') !== '') throw new KubeConfigError(`${source}: context "${config.getCurrentContext()}" names user "${context?.user ?? ''}", which is not there; add it under users or choose another context`);
  return {
    server: cluster.server,
    namespace: context?.namespace,
    source,
    proxyUrl: cluster.proxyUrl,
    authenticate: () => authenticate(config, source),
  };
};

const authenticate = async (config: KubeConfig, source: string): Promise<Credentials> => {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new KubeConfigError(`${source}: credentials cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return { tls: tlsOf(options), headers: headersOf(options) };
};

const headersOf = (options: RequestOptions): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file usually ends with a line feed, which no header may hold.
    if (typeof value === 'string') headers[name.toLowerCase()] = value.trim();
  }
  if (typeof options.auth === 'string') headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
};

const tlsOf = ({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsSettings => ({
  ...(isPem(ca) ? { ca } : {}),
  ...(isPem(cert) ? { cert } : {}),
  ...(isPem(key) ? { key } : {}),
  ...(servername === undefined ? {} : { servername }),
  ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
});

const isPem = (value: unknown): value is string | Buffer => typeof value === 'string' || Buffer.isBuffer(value);
const listed = (names: readonly string[]): string => (names.length === 0 ? 'no context at all' : names.map((name) => `"${name}"`).join(', '));
const messageOf = (error: unknown): string => (Error.isError(error) ? error.message : String(error));
