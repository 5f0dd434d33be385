/**
 * The contract suite against the embedded API server. The same suite runs against a real one in test/integration/api-contract.test.ts.
 *
 * @module
 */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { apiContract, installFeatureServers } from '../../contract/suite.ts';
import type { Subject } from '../../contract/subject.ts';
import { startApiServer, type ApiServer } from '../../../src/local/apiserver/start-api-server.ts';

describe('the embedded API server keeps the contract', () => {
  let server: ApiServer;
  let subject: Subject;
  beforeAll(async () => {
    server = await startApiServer();
    subject = { kubeconfig: server.kubeconfig() };
    await installFeatureServers(subject);
  });
  afterAll(() => server.stop());
  apiContract(() => subject, { collectsGarbage: true });
});
