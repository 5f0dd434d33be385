import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { Fleet, condition, specOf } from './support/fleet.ts';
import { operatorUser, startOperator } from './support/operator-process.ts';

const timeoutMs = 120_000;
const program = fileURLToPath(new URL('../../../src/cli/plateau.ts', import.meta.url));

/** Runs `plateau operator` to its end. */
const operatorEnds = async (...flags: string[]): Promise<{ code: number; stderr: string }> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'operator', '--http-port', '0', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number]>]);
  return { code, stderr };
};

describeControlPlane('starting the operator', (cluster) => {
  // The order matters: the first finds a server without our kinds.
  it('without our CRD ends with what to run', async () => {
    const { code, stderr } = await operatorEnds('--kubeconfig', cluster().kubeconfigPath);
    expect(stderr).toContain('does not know FeatureServer (plateau.dev/v1alpha1): run kubectl apply -f crds/');
    expect(code).toBe(1);
    await cluster().installCrds();
  }, timeoutMs);

  it('without the rights names what is missing', async () => {
    const kubeconfig = await cluster().limitedUser([{ apiGroups: ['plateau.dev'], resources: ['featureservers'], verbs: ['get', 'list', 'watch'] }]);
    const { code, stderr } = await operatorEnds('--kubeconfig', kubeconfig);
    expect(stderr).toMatch(/may not list what it needs in the whole cluster.*deployments.*docs\/operations\.md/su);
    expect(code).toBe(1);
  }, timeoutMs);

  it.each([
    [['--kubeconfig', '/nonexistent'], /kubeconfig \/nonexistent cannot be read/u, 1],
    [['--http-prot', '1'], /Did you mean --http-port\?/u, 2],
    [['--workers', '0'], /--workers 0: give a whole number from 1 to 256/u, 2],
    [['--retry-period', 'soon', '--leader-elect'], /--retry-period soon: give a duration like 15s/u, 2],
  ])('with %j says what is wrong', async (flags, sentence, expected) => {
    const { code, stderr } = await operatorEnds(...flags);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(expected);
  }, timeoutMs);

  it('on a port that is taken says so', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await operatorEnds('--kubeconfig', cluster().kubeconfigPath, '--http-port', String(port));
    expect(stderr).toContain(`port ${port} on 127.0.0.1 is taken by another process; choose another one with --http-port`);
    expect(code).toBe(1);
    taken.close();
  }, timeoutMs);

  it('beside KEDA sees its ScaledObjects', async () => {
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } };
    const names = { plural: 'scaledobjects', singular: 'scaledobject', kind: 'ScaledObject', listKind: 'ScaledObjectList' };
    const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'scaledobjects.keda.sh' }, spec: { group: 'keda.sh', scope: 'Namespaced', names, versions: [{ name: 'v1alpha1', served: true, storage: true, schema }] } };
    await cluster().applyYaml(JSON.stringify(crd));
    await cluster().kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd/scaledobjects.keda.sh']);
    const client = openClient(cluster().kubeconfigPath);
    const operator = await startOperator(cluster(), [], await operatorUser(cluster()));
    const fleet = new Fleet(client, await cluster().createNamespace());
    await client.create(resourceTypes.scaledObject, { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { namespace: fleet.namespace, name: 'queue' }, spec: { scaleTargetRef: { name: fleet.name } } }, { fieldManager: 'user' });
    await fleet.apply(specOf());
    const status = await fleet.untilCondition('ScalingActive', 'False', 'AnotherAutoscaler');
    expect(condition(status, 'ScalingActive')?.message).toContain('ScaledObject queue');
    expect(await operator.stop()).toBe(0);
    await client.close();
  }, timeoutMs);
});
