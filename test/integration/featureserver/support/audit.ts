/** Counts what the API server itself says that it was asked. @module */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AuditedRequest {
  verb: string;
  resource: string;
  subresource: string;
  name: string;
  code: number;
}

export interface Audit {
  readonly flags: readonly string[];
  /** Finished requests of the operator so far, watches and its lease left out. */
  requests(): AuditedRequest[];
  /** Those that write. */
  writes(): AuditedRequest[];
}

const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived', 'ResponseStarted', 'Panic'], rules: [{ level: 'Metadata' }] };
const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

interface Line {
  verb: string;
  user?: { username?: string };
  responseStatus?: { code?: number };
  objectRef?: { resource?: string; subresource?: string; name?: string };
}

/** Flags for kube-apiserver, and a reader of the log that it then writes. Service accounts count: the operator runs as one, the tests do not. */
export const startAudit = (): Audit => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-audit-'));
  const policyFile = join(folder, 'policy.json');
  const logFile = join(folder, 'audit.log');
  writeFileSync(policyFile, JSON.stringify(policy));
  writeFileSync(logFile, '');
  const requests = (): AuditedRequest[] =>
    readFileSync(logFile, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
      .filter(({ user, verb, objectRef }) => user?.username?.startsWith('system:serviceaccount:') === true && verb !== 'watch' && objectRef?.resource !== 'leases')
      .map(({ verb, objectRef, responseStatus }) => ({ verb, resource: objectRef?.resource ?? '', subresource: objectRef?.subresource ?? '', name: objectRef?.name ?? '', code: responseStatus?.code ?? 0 }));
  return {
    flags: [`--audit-policy-file=${policyFile}`, `--audit-log-path=${logFile}`],
    requests,
    writes: () => requests().filter(({ verb }) => writing.has(verb)),
  };
};
