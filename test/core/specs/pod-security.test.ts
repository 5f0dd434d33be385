import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { podTemplate } from '../../../src/core/specs/pod-template.ts';
import { context, featureServer } from './support/feature-servers.ts';

type Json = Record<string, unknown>;

const securityContext = fc.record(
  {
    privileged: fc.boolean(),
    allowPrivilegeEscalation: fc.boolean(),
    runAsNonRoot: fc.boolean(),
    runAsUser: fc.constantFrom(0, 1000),
    procMount: fc.constantFrom('Default', 'Unmasked'),
    capabilities: fc.record({ add: fc.array(fc.constantFrom('SYS_ADMIN', 'NET_BIND_SERVICE')), drop: fc.constant([]) }, { requiredKeys: [] }),
    seccompProfile: fc.record({ type: fc.constantFrom('Unconfined', 'RuntimeDefault', 'Localhost') }),
    appArmorProfile: fc.record({ type: fc.constantFrom('Unconfined', 'RuntimeDefault') }),
    seLinuxOptions: fc.constant({ type: 'spc_t' }),
  },
  { requiredKeys: [] },
);
const container = fc.record(
  {
    name: fc.constantFrom('server', 'proxy', 'other'),
    image: fc.string(),
    securityContext,
    ports: fc.array(fc.record({ containerPort: fc.nat(), hostPort: fc.nat() })),
    env: fc.array(fc.record({ name: fc.constantFrom('A', 'WORKER_POOL_CONFIG'), value: fc.string() })),
  },
  { requiredKeys: ['name'] },
);
const podSpec = fc.record(
  {
    hostNetwork: fc.boolean(),
    hostPID: fc.boolean(),
    hostIPC: fc.boolean(),
    securityContext,
    containers: fc.uniqueArray(container, { selector: ({ name }) => name }),
    initContainers: fc.uniqueArray(container, { selector: ({ name }) => name }),
    volumes: fc.array(fc.record({ name: fc.constantFrom('tmp', 'a', 'plateau-token'), hostPath: fc.constant({ path: '/' }) })),
    nodeSelector: fc.oneof(fc.constant(null), fc.dictionary(fc.string(), fc.string())),
  },
  { requiredKeys: [] },
);

const built = (spec: unknown): Json => podTemplate(featureServer({ podTemplate: { spec } }), context()).spec;
const list = (spec: Json, field: string): Json[] => (spec[field] ?? []) as Json[];

describe('whatever a pod template asks', () => {
  it('the pod is restricted', () => {
    fc.assert(
      fc.property(podSpec, (asked) => {
        const spec = built(asked);
        expect(Object.keys(spec)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^host(?:Network|PID|IPC)$/u)]));
        expect(spec['securityContext']).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: expect.stringMatching(/^(?:RuntimeDefault|Localhost)$/u) } });
        expect(list(spec, 'volumes').filter((volume) => 'hostPath' in volume)).toEqual([]);
        expect(JSON.stringify(spec)).not.toMatch(/"runAsUser":0[,}]/u);
        for (const { securityContext: own, ports = [] } of [...list(spec, 'containers'), ...list(spec, 'initContainers')]) {
          expect(own).toMatchObject({ runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
          expect(JSON.stringify([own, ports])).not.toMatch(/privileged"|Unconfined|Unmasked|SYS_ADMIN|spc_t|hostPort/u);
        }
      }),
    );
  });

  it('the serving container keeps its image, its pool configuration and its token', () => {
    fc.assert(
      fc.property(podSpec, (asked) => {
        const spec = built(asked);
        const servers = list(spec, 'containers').filter(({ name }) => name === 'server');
        expect(servers).toMatchObject([{ image: 'example.com/plateau:1.0.0', args: ['worker', '--feature-store', '/etc/plateau/feature-store/feature_store.yaml', '--termination-grace', '30s'] }]);
        expect(servers[0]?.['env']).toContainEqual({ name: 'WORKER_POOL_CONFIG', value: '/etc/plateau/pool/pool.json' });
        expect(list(spec, 'volumes')).toContainEqual({ name: 'plateau-token', secret: { secretName: 'ranking-pool-token' } });
      }),
    );
  });
});
