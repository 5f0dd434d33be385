/**
 * One probe of a container, as the kubelet does it.
 *
 * @module
 */
import { get } from 'node:http';
import { connect } from 'node:net';
import { messageOf } from '../error-code.ts';
import type { Container, Probe } from './pod-schema.ts';

export interface ProbeResult {
  readonly ok: boolean;
  /** Why it failed; empty for a success. */
  readonly message: string;
}

export interface ProbeTarget {
  readonly container: Container;
  readonly ip: string;
  /** Port of this machine for a port that the container declares. */
  readonly portOf: (declared: number) => number;
}

const success: ProbeResult = { ok: true, message: '' };
const failure = (message: string): ProbeResult => ({ ok: false, message });

/** Runs a probe once. A status from 200 to 399, or a connection, is success. Never rejects. */
export const runProbe = (probe: Probe, target: ProbeTarget): Promise<ProbeResult> => {
  const timeoutMs = Math.max(1, probe.timeoutSeconds) * 1000;
  const port = declaredPort(probe.httpGet?.port ?? probe.tcpSocket?.port, target.container);
  if (port === undefined) return Promise.resolve(failure('probe names no port of the container; httpGet and tcpSocket probes are run on a local node'));
  const at = { host: target.ip, port: target.portOf(port), timeoutMs };
  return probe.httpGet === undefined ? checkTcp(at) : checkHttp(at, probe.httpGet);
};

const declaredPort = (port: number | string | undefined, container: Container): number | undefined =>
  typeof port === 'string' && !/^[0-9]+$/u.test(port)
    ? container.ports.find(({ name }) => name === port)?.containerPort
    : port === undefined
      ? undefined
      : Number(port);

interface Place {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

const checkHttp = ({ host, port, timeoutMs }: Place, { path, httpHeaders }: NonNullable<Probe['httpGet']>): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const headers = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
    const request = get({ host, port, path, headers: { 'user-agent': 'kube-probe/plateau-local', ...headers }, agent: false });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const settle = (result: ProbeResult): void => {
      clearTimeout(timer);
      request.destroy();
      resolve(result);
    };
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      settle(status >= 200 && status < 400 ? success : failure(`HTTP probe failed with statuscode: ${status}`));
    });
    request.on('error', (error) => settle(failure(messageOf(error))));
  });

const checkTcp = ({ host, port, timeoutMs }: Place): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const settle = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => settle(success));
    socket.once('timeout', () => settle(failure(`no connection within ${timeoutMs} ms`)));
    socket.on('error', (error) => settle(failure(messageOf(error))));
  });
