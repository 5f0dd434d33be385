/**
 * The kubelet of a fleet on one machine: runs the pods of the node `local` as processes and reports their status.
 *
 * @module
 */
import { resourceTypes } from '../../api/resource-types.ts';
import { Controller } from '../../runtime/controller.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/keys.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import { cacheOf } from '../control-loops.ts';
import type { Cache, ControlContext } from '../control-loops.ts';
import type { Addresses } from './addresses.ts';
import type { FindConfiguration } from './configuration.ts';
import type { LocalImages } from './images.ts';
import { podSchema } from './pod-schema.ts';
import type { Container, Pod } from './pod-schema.ts';
import { PodRunner } from './pod-runner.ts';
import { localNode, podStatus } from './pod-status.ts';
import { readConditions } from './read-conditions.ts';
import type { WrapCommand } from './wrap-command.ts';
import { containerName } from '../../api/names.ts';

export interface KubeletOptions extends ControlContext {
  readonly addresses: Addresses;
  readonly images: LocalImages;
  readonly runFolder: string;
  readonly workingFolder: string;
  readonly wrap?: WrapCommand | undefined;
  readonly onProcess?: (group: number) => void;
  /** The program of a pod ended without being asked to; it is started again. */
  readonly onCrash?: (pod: string, exitCode: number) => void;
}

/** Who writes a pod's status. */
const fieldManager = 'plateau-local-kubelet';
/** Maps declared ports to those of this machine, where pods have no address of their own. */
const localPortsAnnotation = 'plateau.dev/local-ports';

const podKey = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

/** A pod that runs, as the view shows it. */
export interface RunningPod {
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string | undefined;
  readonly ports: ReadonlyMap<number, number>;
  readonly group: number | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
}

interface Entry {
  readonly runner: PodRunner;
  readonly pod: Pod;
  readonly container: Container;
  stopping?: Promise<void>;
  stopped: boolean;
  written?: string;
}

export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #pods: Cache;
  readonly #configMaps: Cache;
  readonly #secrets: Cache;
  readonly #controller: Controller;
  /** By UID, since a pod may be deleted and created anew under its name. */
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#pods = cacheOf(options, resourceTypes.pod);
    this.#configMaps = cacheOf(options, resourceTypes.configMap);
    this.#secrets = cacheOf(options, resourceTypes.secret);
    const reconcile = (key: string, signal: AbortSignal): Promise<ReconcileResult> => this.#reconcile(key, signal);
    this.#controller = new Controller({ ...options, name: 'kubelet', reconcile, backoff: { baseMs: 50, maxMs: 5_000 } });
    this.#controller.watch(this.#pods.store, (pod) => [keyOf(pod)]);
    for (const cache of [this.#configMaps, this.#secrets]) {
      cache.store.subscribe({ onAdd: (object) => this.#refresh(object), onUpdate: (_, object) => this.#refresh(object) });
    }
  }

  /** Runs pods until the signal is aborted; what runs then is ended by `stopAll`. */
  async run(signal: AbortSignal): Promise<void> {
    const caches = [this.#pods, this.#configMaps, this.#secrets];
    const running = caches.map((cache) => cache.run(signal));
    await Promise.race([Promise.all(caches.map(({ synced }) => synced)), Promise.all(running)]);
    await Promise.all([this.#controller.run(signal), ...running]);
  }

  /** Ends all pods at once, each with this grace, milliseconds. */
  async stopAll(graceMs: number): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ runner }) => runner.stop(graceMs)));
  }

  /** The pods that this kubelet has started. */
  running(): RunningPod[] {
    return [...this.#entries.values()].map(({ runner, pod, stopping }) => ({
      key: podKey(pod),
      labels: pod.metadata.labels,
      ip: runner.facts.ip,
      ports: runner.ports,
      group: runner.group,
      ready: runner.facts.container.ready && stopping === undefined,
      terminating: stopping !== undefined,
    }));
  }

  /** Calls back after each change of a pod. */
  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #changed(key: string): void {
    this.#controller.enqueue(key);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #refresh(object: KubeObject): void {
    for (const { runner, pod } of this.#entries.values()) {
      if (pod.metadata.namespace === object.metadata.namespace) runner.refresh();
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const object = this.#pods.store.get(key);
    for (const entry of this.#entriesOf(key)) if (entry.pod.metadata.uid !== object?.metadata.uid) this.#stop(entry, entry.pod);
    if (object === undefined) return {};
    const parsed = podSchema.safeParse(object);
    if (!parsed.success || parsed.data.spec.nodeName !== localNode.name) return {};
    const pod = parsed.data;
    const entry = this.#entries.get(pod.metadata.uid);
    if (pod.metadata.deletionTimestamp !== undefined) await this.#finish(key, pod, entry, signal);
    else await this.#report(entry ?? this.#start(key, pod), object, signal);
    return {};
  }

  #entriesOf(key: string): Entry[] {
    return [...this.#entries.values()].filter(({ pod }) => podKey(pod) === key);
  }

  #start(key: string, pod: Pod): Entry {
    const container = pod.spec.containers.find(({ name }) => name === containerName) ?? pod.spec.containers[0];
    if (container === undefined) throw new Error(`pod ${key} has no container`);
    const runner = new PodRunner({
      ...this.#options,
      pod,
      container,
      find: this.#find,
      onChange: () => this.#changed(key),
      onProcess: (group) => this.#options.onProcess?.(group),
      onCrash: (exitCode) => this.#options.onCrash?.(key, exitCode),
    });
    const entry: Entry = { runner, pod, container, stopped: false };
    this.#entries.set(pod.metadata.uid, entry);
    runner.start();
    return entry;
  }

  readonly #find: FindConfiguration = (kind, namespace, name) =>
    (kind === 'configmap' ? this.#configMaps : this.#secrets).store.get(`${namespace}/${name}`);

  #stop(entry: Entry, pod: Pod): void {
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds;
    if (entry.stopping !== undefined) return;
    entry.stopping = this.#end(entry, graceSeconds * 1000);
    this.#tell();
  }

  async #end(entry: Entry, graceMs: number): Promise<void> {
    await entry.runner.stop(graceMs);
    entry.stopped = true;
    this.#entries.delete(entry.pod.metadata.uid);
    this.#changed(podKey(entry.pod));
  }

  /** A pod that is to go stays in the API until its process has ended, so that whoever counts pods counts it. */
  async #finish(key: string, pod: Pod, entry: Entry | undefined, signal: AbortSignal): Promise<void> {
    if (entry !== undefined) {
      this.#stop(entry, pod);
      await this.#reportStopping(entry, key, signal);
      return;
    }
    const { namespace, name, uid } = pod.metadata;
    try {
      await this.#options.client.delete(resourceTypes.pod, { namespace, name }, { uid, gracePeriodSeconds: 0, signal });
    } catch (error) {
      if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
    }
  }

  async #reportStopping(entry: Entry, key: string, signal: AbortSignal): Promise<void> {
    const object = this.#pods.store.get(key);
    if (object !== undefined && !entry.stopped) await this.#report(entry, object, signal);
  }

  async #report(entry: Entry, object: KubeObject, signal: AbortSignal): Promise<void> {
    const { runner, pod, container, stopping } = entry;
    const facts = runner.facts;
    const now = `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
    // A pod on its way out takes no new connection, whatever its readiness probe would say.
    const shown = stopping === undefined ? facts : { ...facts, container: { ...facts.container, ready: false } };
    const status = podStatus(pod, container, shown, { before: readConditions(object), now });
    const text = JSON.stringify(status);
    if (text === entry.written) return;
    const latest = { ...object, metadata: { ...object.metadata }, status };
    await this.#options.client.replace(resourceTypes.pod, latest, { fieldManager, subresource: 'status', signal });
    entry.written = text;
    if (runner.ports.size > 0) await this.#annotate(pod, runner.ports, signal);
  }

  async #annotate(pod: Pod, ports: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const annotations = { [localPortsAnnotation]: JSON.stringify(Object.fromEntries(ports)) };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid, annotations } };
    await this.#options.client.apply(resourceTypes.pod, body, { fieldManager, force: true, signal });
  }
}
