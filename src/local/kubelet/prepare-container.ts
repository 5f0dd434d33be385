/**
 * What a container needs before its program can be started: volumes, environment, command line.
 *
 * @module
 */
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { poolEnv } from '../../api/protocol.ts';
import { messageOf } from '../error-code.ts';
import type { PodAddress } from './addresses.ts';
import { MissingConfiguration } from './configuration.ts';
import type { FindConfiguration } from './configuration.ts';
import { containerArguments, containerEnvironment } from './environment.ts';
import { commandLine, ImageUnavailable } from './images.ts';
import type { LocalImages } from './images.ts';
import { pathRewriter } from './mounts.ts';
import type { Container, Pod } from './pod-schema.ts';
import { localNode } from './pod-status.ts';
import { writeVolumes } from './volumes.ts';

export interface PodContext {
  readonly pod: Pod;
  readonly address: PodAddress;
  readonly find: FindConfiguration;
  readonly images: LocalImages;
  /** Folder of this pod. */
  readonly podFolder: string;
  /** Folder of what outlives a pod. */
  readonly sharedFolder: string;
  /** Where relative paths of a command begin, unless the image or the container says otherwise. */
  readonly workingFolder: string;
}

export interface Prepared {
  readonly argv: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** Why a container cannot be started yet, in the kubelet's words. */
export interface NotPrepared {
  readonly reason: string;
  readonly message: string;
}

/** Prepares a container, or says what is in the way. */
export const prepareContainer = (context: PodContext, container: Container): Prepared | NotPrepared => {
  try {
    return prepared(context, container);
  } catch (error) {
    return { reason: reasonOf(error), message: messageOf(error) };
  }
};

const reasonOf = (error: unknown): string => {
  if (error instanceof MissingConfiguration) return 'CreateContainerConfigError';
  return error instanceof ImageUnavailable ? 'ImagePullBackOff' : 'CreateContainerError';
};

/** Brings the volumes of a pod up to date. @throws MissingConfiguration */
export const writePodVolumes = (context: PodContext, container: Container): ReturnType<typeof writeVolumes> =>
  writeVolumes({ ...context, container, addresses: addressesOf(context) });

const prepared = (context: PodContext, container: Container): Prepared => {
  const { pod, images, find, podFolder, workingFolder } = context;
  const image = images(container.image);
  const words = commandLine(container, image);
  const rewrite = pathRewriter(writePodVolumes(context, container));
  const addresses = addressesOf(context);
  const own = containerEnvironment({ pod, container, addresses, find, cores: availableParallelism(), rewrite });
  const variables = withOwnPorts(context, own);
  return {
    argv: containerArguments(words, variables, rewrite),
    env: { ...inherited(), TMPDIR: podFolder, ...image?.env, ...variables, [poolEnv.host]: listenAddress(variables[poolEnv.host], addresses.podIp) },
    cwd: container.workingDir === undefined ? (image?.workingFolder ?? workingFolder) : rewrite(container.workingDir),
  };
};

const addressesOf = ({ address }: PodContext) => ({ podIp: address.ip, hostIp: localNode.ip });

/** Pods share the machine's network: one that listened on all addresses would take the port of all others. */
const listenAddress = (wanted: string | undefined, podIp: string): string =>
  wanted === undefined || wanted === '0.0.0.0' || wanted === '::' ? podIp : wanted;

const withOwnPorts = ({ address }: PodContext, variables: Record<string, string>): Record<string, string> => {
  const result = { ...variables };
  for (const name of [poolEnv.servingPort, poolEnv.adminPort]) {
    const own = address.ports.get(Number(result[name]));
    if (own !== undefined) result[name] = String(own);
  }
  return result;
};

const namedVariables = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** What a program needs of this machine to run at all, and to start fast; nothing else of our own environment reaches a pod. */
const inherited = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: homedir(),
  TMPDIR: tmpdir(),
  ...namedVariables('LANG', 'NODE_COMPILE_CACHE'),
});
