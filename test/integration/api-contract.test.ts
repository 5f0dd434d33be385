/**
 * The contract suite against a real kube-apiserver, and its kubectl part against both servers.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { beforeAll, jest } from '@jest/globals';
import { apiContract, installFeatureServers } from '../contract/suite.ts';
import type { Subject } from '../contract/subject.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

jest.setTimeout(120_000);

describeControlPlane('a real kube-apiserver keeps the contract', (cluster) => {
  let subject: Subject;
  beforeAll(async () => {
    subject = { kubeconfig: readFileSync(cluster().kubeconfigPath, 'utf8') };
    await installFeatureServers(subject);
  });
  apiContract(() => subject, { collectsGarbage: false });
});
