/**
 * A throw-away certificate authority and a server certificate for the loopback address.
 *
 * @module
 */
import { generate } from 'selfsigned';

export interface ServerCertificate {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const lifetimeMs = 30 * 24 * 3600 * 1000;
/** A clock that is a little behind must not refuse a certificate of just now. */
const backdateMs = 3600 * 1000;

/** Makes a CA that signs exactly one certificate and whose key is then forgotten. `now` is wall-clock ms. */
export const makeServerCertificate = async (now: number): Promise<ServerCertificate> => {
  const validity = { notBeforeDate: new Date(now - backdateMs), notAfterDate: new Date(now + lifetimeMs) };
  const common = { ...validity, keyType: 'ec', algorithm: 'sha256' } as const;
  const ca = await generate([{ name: 'commonName', value: 'plateau local CA' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'plateau local API server' }], {
    ...common,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { caPem: ca.cert, certPem: server.cert, keyPem: server.private };
};
