import { describe, expect, it } from '@jest/globals';
import type { FeatureServer } from '../../../src/api/featureserver.ts';
import { podTemplate } from '../../../src/core/specs/pod-template.ts';
import { context, customServer, featureServer } from './support/feature-servers.ts';

interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  volumeMounts?: { name: string; mountPath: string }[];
  securityContext?: Record<string, unknown>;
  [field: string]: unknown;
}
interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes: { name: string; [source: string]: unknown }[];
  [field: string]: unknown;
}

const podSpecOf = (object: FeatureServer, changes = {}): PodSpec => podTemplate(object, context(changes)).spec as PodSpec & Record<string, unknown>;
const serverOf = (object: FeatureServer): Container => podSpecOf(object).containers.find(({ name }) => name === 'server') ?? { name: 'none' };
const envOf = (object: FeatureServer) => Object.fromEntries((serverOf(object).env ?? []).map(({ name, value }) => [name, value]));
const withPod = (spec: Record<string, unknown>) => featureServer({ podTemplate: { spec } });

describe('the program', () => {
  it('is the pinned image of the operator for the built-in server, told where its feature store lies', () => {
    expect(serverOf(featureServer())).toMatchObject({
      image: 'example.com/plateau:1.0.0',
      args: ['worker', '--feature-store', '/etc/plateau/feature-store/feature_store.yaml', '--termination-grace', '30s'],
    });
  });

  it('is told of the key that the spec names', () => {
    const builtin = { image: 'example.com/mine:2', featureStore: { configMap: { name: 'store', key: 'prod.yaml' } } };
    const object = featureServer({ server: { builtin } });
    expect(serverOf(object)).toMatchObject({ args: ['worker', '--feature-store', '/etc/plateau/feature-store/prod.yaml', '--termination-grace', '30s'] });
    expect(podSpecOf(object).volumes).toContainEqual({ name: 'plateau-feature-store', configMap: { name: 'store' } });
  });

  it('is what a custom server says, without a feature store of ours', () => {
    const object = featureServer(customServer);
    expect(serverOf(object)).toMatchObject({ image: 'example.com/server:1', command: ['serve'], args: ['--fast'] });
    expect(podSpecOf(object).volumes.map(({ name }) => name)).not.toContain('plateau-feature-store');
  });

  it("leaves a custom image's own entry point alone when the spec says none", () => {
    const container = serverOf(featureServer({ server: { custom: { image: 'example.com/server:1' } } }));
    expect(container).not.toHaveProperty('command');
    expect(container).not.toHaveProperty('args');
  });
});

describe('a Python server', () => {
  const python = { image: 'example.com/shop:3', app: 'shop.web:app', server: 'gunicorn' };
  const pooled = (parts: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => featureServer({ server: { python: { ...python, ...parts } }, ...rest });

  it("runs in the user's own image, by the pool package that an init container brought", () => {
    const spec = podSpecOf(pooled());
    expect(serverOf(pooled())).toMatchObject({
      image: 'example.com/shop:3',
      command: ['python3', '/opt/plateau-pool/plateau-pool'],
      args: ['serve', 'shop.web:app', '--server', 'gunicorn', '--termination-grace', '30s'],
    });
    expect(serverOf(pooled())).not.toHaveProperty('workingDir');
    expect(serverOf(pooled()).volumeMounts).toContainEqual({ name: 'plateau-pool-package', mountPath: '/opt/plateau-pool', readOnly: true });
    expect(spec.initContainers).toMatchObject([{ name: 'plateau-pool', image: 'example.com/plateau-pool:1.0.0', args: ['/opt/plateau-pool'] }]);
    expect(spec.initContainers?.[0]?.volumeMounts).toEqual([{ name: 'plateau-pool-package', mountPath: '/opt/plateau-pool' }]);
    expect(spec.volumes).toContainEqual({ name: 'plateau-pool-package', emptyDir: { sizeLimit: '64Mi' } });
  });

  it('keeps the hardening in its init container, and a class Guaranteed', () => {
    const [init] = podSpecOf(pooled()).initContainers ?? [];
    expect(init?.securityContext).toEqual({ readOnlyRootFilesystem: true, runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    const size = { cpu: '100m', memory: '64Mi' };
    expect(init?.['resources']).toEqual({ limits: size, requests: size });
    expect(podSpecOf(pooled())['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 65_532 });
  });

  it('has a feature store only when the spec names one, and Feast always', () => {
    const variable = 'FEAST_FS_YAML_FILE_PATH';
    expect(envOf(pooled())).not.toHaveProperty(variable);
    expect(podSpecOf(pooled()).volumes.map(({ name }) => name)).not.toContain('plateau-feature-store');
    const featureStore = { secret: { name: 'store', key: 'prod.yaml' } };
    for (const object of [pooled({ featureStore }), featureServer({ server: { feast: { image: 'example.com/feast:1', featureStore } } })]) {
      expect(envOf(object)[variable]).toBe('/etc/plateau/feature-store/prod.yaml');
      expect(podSpecOf(object).volumes).toContainEqual({ name: 'plateau-feature-store', secret: { secretName: 'store' } });
    }
  });

  it("is Feast's own application on uvicorn unless the spec says otherwise", () => {
    const feast = { image: 'example.com/feast:1', featureStore: { configMap: { name: 'store' } } };
    const file = '/etc/plateau/feature-store/feature_store.yaml';
    expect(serverOf(featureServer({ server: { feast } })).args).toEqual(['serve', 'feast', '--feature-store', file, '--server', 'uvicorn', '--termination-grace', '30s']);
    expect(serverOf(featureServer({ server: { feast: { ...feast, server: 'gunicorn' } } })).args).toEqual(expect.arrayContaining(['--server', 'gunicorn']));
  });

  it('lets a user add init containers and change the resources of ours, and nothing else of it', () => {
    const initContainers = [
      { name: 'warm', image: 'warm:1' },
      { name: 'plateau-pool', image: 'evil', args: ['/etc'], resources: { limits: { cpu: '1' } }, volumeMounts: [{ name: 'x', mountPath: '/opt/plateau-pool' }] },
    ];
    const [ours, warm] = podSpecOf(pooled({}, { podTemplate: { spec: { initContainers } } })).initContainers ?? [];
    expect(warm?.name).toBe('warm');
    expect(ours).toMatchObject({ name: 'plateau-pool', image: 'example.com/plateau-pool:1.0.0', args: ['/opt/plateau-pool'], resources: { limits: { cpu: '1', memory: '64Mi' } } });
    expect(ours?.volumeMounts).toEqual([{ name: 'plateau-pool-package', mountPath: '/opt/plateau-pool' }]);
  });

  it('has no init container in fleets that need none, whose templates stay as they were', () => {
    expect(podSpecOf(featureServer())).not.toHaveProperty('initContainers');
    expect(podSpecOf(featureServer(customServer))).not.toHaveProperty('initContainers');
  });
});

describe('the pool protocol', () => {
  it('gets its files as directories, since a file mounted by subPath never changes', () => {
    const { volumeMounts } = serverOf(featureServer());
    expect(volumeMounts).toEqual([
      { name: 'plateau-pool', mountPath: '/etc/plateau/pool', readOnly: true },
      { name: 'plateau-token', mountPath: '/etc/plateau/token', readOnly: true },
      { name: 'plateau-feature-store', mountPath: '/etc/plateau/feature-store', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ]);
  });

  it('gets its environment and ports from the spec', () => {
    const object = featureServer({ ports: { serving: 8080, admin: 9200 } });
    expect(envOf(object)).toEqual({
      WORKER_POOL_HOST: '0.0.0.0',
      WORKER_POOL_CONFIG: '/etc/plateau/pool/pool.json',
      WORKER_POOL_TOKEN_FILE: '/etc/plateau/token/token',
      WORKER_POOL_SERVING_PORT: '8080',
      WORKER_POOL_ADMIN_PORT: '9200',
    });
    expect(serverOf(object)['ports']).toEqual([
      { name: 'serving', containerPort: 8080, protocol: 'TCP' },
      { name: 'admin', containerPort: 9200, protocol: 'TCP' },
    ]);
  });

  it('lets nobody take its variables, mounts, volumes or image away', () => {
    const object = withPod({
      containers: [
        {
          name: 'server',
          image: 'evil',
          env: [{ name: 'WORKER_POOL_CONFIG', value: '/elsewhere' }],
          volumeMounts: [{ name: 'mine', mountPath: '/etc/plateau/token' }],
        },
      ],
      volumes: [{ name: 'plateau-token', emptyDir: {} }],
    });
    expect(serverOf(object).image).toBe('example.com/plateau:1.0.0');
    expect(envOf(object)['WORKER_POOL_CONFIG']).toBe('/etc/plateau/pool/pool.json');
    expect(serverOf(object).volumeMounts).toContainEqual({ name: 'plateau-token', mountPath: '/etc/plateau/token', readOnly: true });
    expect(podSpecOf(object).volumes).toContainEqual({ name: 'plateau-token', secret: { secretName: 'ranking-pool-token' } });
  });

  it('keeps thread counts out of the template, so that they change without a rollout', () => {
    const size = (threads: number) => podTemplate(featureServer(), context({ pool: { threads, processes: 2, generation: threads, objectiveMs: 30 } }));
    expect(size(32)).toEqual(size(1));
  });
});

describe('what the user says', () => {
  it('reaches the container: env, envFrom, resources', () => {
    const object = featureServer({
      env: [{ name: 'LOG', value: 'debug' }, { name: 'WORKER_POOL_HOST', value: '::' }],
      envFrom: [{ secretRef: { name: 'keys' } }],
      resources: { limits: { cpu: 2 } },
    });
    expect(envOf(object)).toMatchObject({ LOG: 'debug', WORKER_POOL_HOST: '::' });
    expect(serverOf(object)).toMatchObject({ envFrom: [{ secretRef: { name: 'keys' } }], resources: { limits: { cpu: 2 } } });
  });

  it('is merged by name: sidecars beside the server, fields into the server, a tmp volume of its own', () => {
    const object = withPod({
      nodeSelector: { disk: 'fast' },
      containers: [{ name: 'server', lifecycle: { preStop: {} } }, { name: 'proxy', image: 'proxy:1' }],
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory' } }, { name: 'model', emptyDir: {} }],
    });
    const { containers, volumes, nodeSelector } = podSpecOf(object);
    expect(containers.map(({ name }) => name)).toEqual(['server', 'proxy']);
    expect(serverOf(object)).toMatchObject({ lifecycle: { preStop: {} }, livenessProbe: { httpGet: { path: '/healthz', port: 'admin' } } });
    expect(volumes).toContainEqual({ name: 'tmp', emptyDir: { medium: 'Memory' } });
    expect(volumes).toContainEqual({ name: 'model', emptyDir: {} });
    expect(nodeSelector).toEqual({ disk: 'fast' });
  });

  it('removes a proposal with null and replaces the spreading as a whole', () => {
    const mine = [{ maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }];
    const object = withPod({ topologySpreadConstraints: mine, containers: [{ name: 'server', livenessProbe: null }] });
    expect(podSpecOf(object)['topologySpreadConstraints']).toEqual(mine);
    expect(serverOf(object)).not.toHaveProperty('livenessProbe');
  });

  it('cannot take the selector labels away', () => {
    const metadata = { labels: { 'app.kubernetes.io/instance': 'other', team: 'a' }, annotations: { note: 'x' } };
    const template = podTemplate(featureServer({ podTemplate: { metadata } }), context({ podAnnotations: { 'plateau.dev/pool-at-start': '2' } }));
    expect(template.metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': 'ranking', team: 'a' });
    expect(template.metadata.annotations).toMatchObject({ note: 'x', 'plateau.dev/pool-at-start': '2' });
  });
});

describe('the defaults of a pod', () => {
  it('spread over zones and hosts, each rollout by itself', () => {
    const constraint = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', matchLabelKeys: ['pod-template-hash'] };
    expect(podSpecOf(featureServer())['topologySpreadConstraints']).toMatchObject([
      { ...constraint, topologyKey: 'topology.kubernetes.io/zone' },
      { ...constraint, topologyKey: 'kubernetes.io/hostname' },
    ]);
  });

  it('round the grace period up to whole seconds', () => {
    expect(podSpecOf(featureServer({ rollout: { terminationGrace: '1.2s' } }))['terminationGracePeriodSeconds']).toBe(2);
  });

  it('give no service-account token unless asked for', () => {
    expect(podSpecOf(featureServer())['automountServiceAccountToken']).toBe(false);
    expect(podSpecOf(withPod({ automountServiceAccountToken: true }))['automountServiceAccountToken']).toBe(true);
  });
});

describe('the restricted level', () => {
  const hostile = {
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
    securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' }, runAsUser: 1234 },
    initContainers: [{ name: 'init', image: 'init:1' }],
    containers: [
      {
        name: 'server',
        securityContext: {
          privileged: true,
          allowPrivilegeEscalation: true,
          runAsNonRoot: false,
          capabilities: { add: ['SYS_ADMIN', 'NET_BIND_SERVICE'] },
          seccompProfile: { type: 'Unconfined' },
          readOnlyRootFilesystem: false,
        },
      },
      { name: 'proxy', image: 'proxy:1' },
    ],
  };

  it('wins over whatever a template asks, and leaves what it permits', () => {
    const spec = podSpecOf(withPod(hostile));
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec).not.toHaveProperty(field);
    expect(spec['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 1234, seccompProfile: { type: 'RuntimeDefault' } });
    expect(spec.containers[0]?.securityContext).toEqual({
      readOnlyRootFilesystem: false,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('holds for sidecars and init containers, which would otherwise be refused', () => {
    const { containers, initContainers } = podSpecOf(withPod(hostile));
    const hardened = { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    expect([containers[1]?.securityContext, initContainers?.[0]?.securityContext]).toEqual([hardened, hardened]);
  });

  it('knows no root user, neither of the pod nor of a container, and keeps any other', () => {
    const spec = podSpecOf(withPod({ securityContext: { runAsUser: 0 }, containers: [{ name: 'proxy', image: 'p', securityContext: { runAsUser: 0, runAsGroup: 0 } }] }));
    expect(spec['securityContext']).not.toHaveProperty('runAsUser');
    expect(spec.containers[1]?.securityContext).not.toHaveProperty('runAsUser');
    expect(spec.containers[1]?.securityContext).toMatchObject({ runAsGroup: 0 });
  });

  it('lets probes and hooks ask the pod itself and nobody else', () => {
    const probe = { httpGet: { host: '169.254.169.254', path: '/', port: 80 }, periodSeconds: 5 };
    const hook = { preStop: { tcpSocket: { host: 'db', port: 1 } }, postStart: { exec: { command: ['x'] } } };
    const spec = podSpecOf(withPod({ containers: [{ name: 'proxy', image: 'p', livenessProbe: probe, lifecycle: hook }] }));
    expect(spec.containers[1]).toMatchObject({ livenessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 5 }, lifecycle: { postStart: hook.postStart } });
    expect(JSON.stringify(spec)).not.toContain('"host"');
  });

  it('takes AppArmor profiles from annotations as from the field', () => {
    const name = (container: string): string => `container.apparmor.security.beta.kubernetes.io/${container}`;
    const annotations = { [name('a')]: 'unconfined', [name('b')]: 'runtime/default', [name('c')]: 'localhost/mine', note: 'x' };
    const template = podTemplate(featureServer({ podTemplate: { metadata: { annotations } } }), context());
    expect(Object.keys(template.metadata.annotations)).toEqual(['kubectl.kubernetes.io/default-container', name('b'), name('c'), 'note']);
  });

  it('drops volumes and host ports that reach out of the pod', () => {
    const volumes = [{ name: 'disk', hostPath: { path: '/' } }, { name: 'share', nfs: { server: 's', path: '/' } }, { name: 'model', persistentVolumeClaim: { claimName: 'm' } }];
    const spec = podSpecOf(withPod({ volumes, containers: [{ name: 'proxy', image: 'p', ports: [{ containerPort: 1, hostPort: 2, hostIP: '0.0.0.0' }] }] }));
    expect(spec.volumes.map(({ name }) => name)).toEqual(['tmp', 'model', 'plateau-pool', 'plateau-token', 'plateau-feature-store']);
    expect(spec.containers[1]?.['ports']).toEqual([{ containerPort: 1 }]);
  });

  it('goes on to a read-only root with one writable place', () => {
    expect(serverOf(featureServer()).securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(podSpecOf(featureServer()).volumes).toContainEqual({ name: 'tmp', emptyDir: {} });
  });
});
