/** Kubeconfig files, written as JSON, which is YAML. @module */
import { writeFile } from 'node:fs/promises';
import type { KeyAndCertificate } from './certificates.ts';

export interface KubeconfigOptions {
  file: string;
  url: string;
  /** PEM of the authority that signed the server's certificate. */
  caCert: string;
  user: { token: string } | KeyAndCertificate;
  /** Used by kubectl when none is named. Default: `default`. */
  namespace?: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Writes a kubeconfig with one context, readable only by its owner, and returns the file's path. */
export const writeKubeconfig = async ({ file, url, caCert, user, namespace = 'default' }: KubeconfigOptions): Promise<string> => {
  const credentials = 'token' in user ? user : { 'client-key-data': base64(user.key), 'client-certificate-data': base64(user.cert) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(caCert) } }],
    users: [{ name: 'test', user: credentials }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return file;
};
