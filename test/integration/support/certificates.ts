/** Throw-away certificates and keys of one control plane. @module */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface KeyAndCertificate {
  key: string;
  cert: string;
}

export interface Certificates {
  ca: KeyAndCertificate;
  /** A client of the group system:masters, which RBAC lets do everything. */
  admin: KeyAndCertificate;
}

const curve = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

const authority = async (): Promise<KeyAndCertificate> => {
  const made = await generate([{ name: 'commonName', value: 'plateau-test-ca' }], {
    ...curve,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { key: made.private, cert: made.cert };
};

const server = async (ca: KeyAndCertificate): Promise<KeyAndCertificate> => {
  const made = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...curve,
    ca,
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }, { type: 2, value: 'localhost' }] },
    ],
  });
  return { key: made.private, cert: made.cert };
};

const client = async (ca: KeyAndCertificate, user: string, group: string): Promise<KeyAndCertificate> => {
  const subject = [{ name: 'commonName', value: user }, { name: 'organizationName', value: group }];
  const made = await generate(subject, { ...curve, ca, extensions: [{ name: 'extKeyUsage', clientAuth: true }] });
  return { key: made.private, cert: made.cert };
};

/** Writes what kube-apiserver reads (ca.crt, server.crt, server.key, sa.key, sa.pub) into the folder and returns what clients need. */
export const createCertificates = async (folder: string): Promise<Certificates> => {
  const ca = await authority();
  const [serving, admin] = await Promise.all([server(ca), client(ca, 'plateau-test-admin', 'system:masters')]);
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const files = {
    'ca.crt': ca.cert,
    'server.crt': serving.cert,
    'server.key': serving.key,
    'sa.key': serviceAccounts.privateKey,
    'sa.pub': serviceAccounts.publicKey,
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o600 })));
  return { ca, admin };
};
