import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { at, numberAt } from '../../../src/core/featureserver/manifest.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { Fleet, specOf } from './support/fleet.ts';
import { type OperatorProcess, operatorUser, startOperator } from './support/operator-process.ts';
import { until } from './support/until.ts';

const timeoutMs = 240_000;

describeControlPlane('an operator in trouble', (cluster) => {
  let client: KubeClient;
  let kubeconfig: string;
  let fleet: Fleet;
  const running: OperatorProcess[] = [];
  const start = async (flags: string[] = []): Promise<OperatorProcess> => {
    const operator = await startOperator(cluster(), flags, kubeconfig);
    running.push(operator);
    return operator;
  };

  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
    kubeconfig = await operatorUser(cluster());
  }, timeoutMs);
  afterAll(() => client.close());
  beforeEach(async () => { fleet = new Fleet(client, await cluster().createNamespace()); });
  afterEach(async () => {
    for (const operator of running.splice(0)) if (operator.process.isRunning()) await operator.stop();
    await client.delete(resourceTypes.featureServer, { namespace: fleet.namespace, name: fleet.name });
  });
  const off = (replicas: number) => specOf({ scaling: { mode: 'Off' }, replicas });

  it('of two processes one acts; the other takes over when it is killed, and at once when it stops', async () => {
    const election = ['--leader-elect', '--lease-namespace', fleet.namespace, '--lease-duration', '15s', '--renew-deadline', '10s', '--retry-period', '500ms'];
    const first = await start(election);
    await until('the first leads', async () => (await (await fetch(`${first.url}/readyz`)).text()).includes('leading'));
    const second = await start(election);
    await fleet.apply(off(9));
    await fleet.untilReplicas(9);
    expect(await second.metric('plateau_writes_total')).toBe(0);
    const record = await fleet.recordReplicas();
    await first.stop('SIGKILL');
    await fleet.apply(off(8));
    await fleet.untilReplicas(8);
    await until('the second has counted what it wrote', async () => (await second.metric('plateau_writes_total')) > 0);
    const third = await start(election);
    const stoppedAt = performance.now();
    expect(await second.stop('SIGTERM')).toBe(0);
    await fleet.apply(off(7));
    await fleet.untilReplicas(7);
    // It need not wait for the lease to run out.
    expect(await third.metric('leader_election_master_status')).toBe(1);
    expect(performance.now() - stoppedAt).toBeLessThan(30_000);
    expect((await record.all()).filter((seen) => ![9, 8, 7].includes(seen))).toEqual([]);
    record.stop();
  }, timeoutMs);

  const hundredChanges = async (): Promise<void> => {
    for (let change = 1; change <= 100; change += 1) {
      await fleet.apply({ ...off(change === 100 ? 5 : change % 7), env: [{ name: 'CHANGE', value: String(change) }] });
    }
  };
  const untilLastChange = async (): Promise<void> => {
    await fleet.untilReplicas(5);
    await until('the template is the last one', async () => JSON.stringify(at(await fleet.get(resourceTypes.deployment), 'spec', 'template')).includes('"value":"100"'));
    await fleet.untilStatus('the status is of the last generation', ({ desiredReplicas }) => desiredReplicas === 5);
  };

  it('a hundred spec changes one upon the other end at the last one, with no more writes than changes call for', async () => {
    const operator = await start();
    await fleet.apply(off(2));
    await fleet.untilReplicas(2);
    const before = await operator.metric('plateau_writes_total', 'kind="Deployment"');
    await hundredChanges();
    await untilLastChange();
    const written = (await operator.metric('plateau_writes_total', 'kind="Deployment"')) - before;
    expect(written).toBeGreaterThan(0);
    // One scale and one template write for each change would be 200.
    expect(written).toBeLessThanOrEqual(200);
  }, timeoutMs);

  it('a hundred spec changes that reach it within a second are taken in together', async () => {
    const operator = await start();
    await fleet.apply(off(2));
    await fleet.untilReplicas(2);
    await fleet.untilStatus('two are accepted', ({ desiredReplicas }) => desiredReplicas === 2);
    const deployments = () => operator.metric('plateau_writes_total', 'kind="Deployment"');
    const before = await deployments();
    // Where etcd must wait for a slow disk a hundred changes take longer than a second; stopped, the operator still gets them all at once.
    process.kill(operator.pid, 'SIGSTOP');
    await hundredChanges();
    process.kill(operator.pid, 'SIGCONT');
    await untilLastChange();
    // Two for the number and the template; a reconcile that begins between the first event and the last adds as many.
    // What does not fit into its sockets while it is stopped comes in a few more portions. Taken in one by one they would be two hundred.
    expect((await deployments()) - before).toBeLessThanOrEqual(50);
  }, timeoutMs);

  it('an API server that is away for three quarters of a minute is waited for; what changed meanwhile is done, nothing is undone', async () => {
    const operator = await start();
    await fleet.apply(off(9));
    await fleet.untilReplicas(9);
    await fleet.untilStatus('nine are accepted', ({ desiredReplicas }) => desiredReplicas === 9);
    await cluster().stopApiServer('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 45_000));
    expect(operator.process.isRunning()).toBe(true);
    expect((await fetch(`${operator.url}/healthz`)).status).toBe(200);
    await cluster().startApiServer();
    const deployment = await until('the server answers', () => fleet.get(resourceTypes.deployment).catch(() => undefined));
    expect(numberAt(deployment, -1, 'spec', 'replicas')).toBe(9);
    await until('a change is taken', () => fleet.apply(off(6)).catch(() => undefined));
    await fleet.untilReplicas(6);
    expect(operator.process.isRunning()).toBe(true);
  }, timeoutMs);
});
