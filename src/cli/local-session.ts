/**
 * Starts everything of a local run, one after another, so that what was started is ended whatever fails.
 *
 * @module
 */
import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { noMetrics } from '../local/control-loops.ts';
import type { ControlContext } from '../local/control-loops.ts';
import { runOrphanCollector } from '../local/deployment/orphan-collector.ts';
import { runWorkloadControllers } from '../local/deployment/workload-controllers.ts';
import { FleetWatch } from '../local/fleet/fleet-watch.ts';
import { Addresses } from '../local/kubelet/addresses.ts';
import { localImages } from '../local/kubelet/images.ts';
import { Kubelet } from '../local/kubelet/kubelet.ts';
import { localNode } from '../local/kubelet/pod-status.ts';
import { applyManifest } from '../local/manifest/apply-manifest.ts';
import type { ManifestObject } from '../local/manifest/read-manifest.ts';
import { Recorder } from '../local/report/recorder.ts';
import { Director } from '../local/scenarios/director.ts';
import type { View } from '../local/view/view.ts';
import type { Logger } from '../runtime/ports.ts';
import { systemClock } from '../runtime/system-clock.ts';
import type { LocalArguments } from './local-arguments.ts';
import { startControlPlane } from './local-control-plane.ts';
import type { ControlPlane } from './local-control-plane.ts';
import { loadFeatures } from './local-features.ts';
import type { LocalFiles } from './local-files.ts';
import { FleetLoads } from './local-load.ts';
import { Observer } from './local-observer.ts';
import { makeRunFolder, OperatorProcess, programWords } from './local-processes.ts';
import { setScene } from './local-scene.ts';
import type { Ready, Scene } from './local-scene.ts';

export interface SessionOptions {
  readonly arguments: LocalArguments;
  readonly files: LocalFiles;
  /** Undefined: the servers of the manifests. */
  readonly ready: Ready | undefined;
  readonly view: View;
  /** The run cannot go on. */
  readonly onFailure: (message: string) => void;
}

export interface Session {
  readonly controlPlane: ControlPlane;
  readonly runFolder: string;
  readonly fleets: FleetWatch;
  readonly loads: FleetLoads;
  readonly observer: Observer;
  readonly recorder: Recorder;
  /** Undefined without a scenario. */
  readonly director: Director | undefined;
  /** Ends all processes and servers. */
  stop(): Promise<void>;
}

/** Grace of each pod at the end of the run, ms: no request comes any more. */
const podGraceMs = 1_000;

const consoleLogger = (note: (line: string) => void, fields: Record<string, unknown> = {}): Logger => {
  const write = (message: string, more: Record<string, unknown> = {}): void => {
    const words = Object.entries({ ...fields, ...more }).map(([key, value]) => `${key}=${value instanceof Error ? value.message : String(value)}`);
    if (process.env['PLATEAU_DEBUG'] !== undefined) note(`${message} ${words.join(' ')}`);
  };
  return { debug: () => undefined, info: () => undefined, warn: write, error: write, with: (more) => consoleLogger(note, { ...fields, ...more }) };
};

/** Starts a run. When something fails on the way, what was started is ended before this rejects. */
export const startSession = async (options: SessionOptions): Promise<Session> => {
  const stack = new AsyncDisposableStack();
  try {
    return await start(options, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
};

const start = async (options: SessionOptions, stack: AsyncDisposableStack): Promise<Session> => {
  const { view, files } = options;
  const runFolder = makeRunFolder();
  const removeFolder = (): void => {
    if (!options.arguments.keep) rmSync(runFolder, { recursive: true, force: true, maxRetries: 3 });
  };
  stack.defer(removeFolder);
  // It holds a token: it goes also when the process is ended at once.
  process.once('exit', removeFolder);
  stack.defer(() => void process.off('exit', removeFolder));
  // Operator and pods start three times as fast when Node need not compile them anew; where the folder cannot be written it does.
  process.env['NODE_COMPILE_CACHE'] ??= join(homedir(), '.cache', 'plateau', 'compiled');
  const scene = await setScene({ ready: options.ready, objects: files.objects, runFolder, stack, note: (line) => view.note(line) });
  const controlPlane = await startControlPlane(options.arguments, runFolder);
  stack.defer(() => controlPlane.stop());
  // Timers of the controllers must not keep a process that has stopped them.
  const context: ControlContext = { client: controlPlane.client, clock: systemClock({ unref: true }), random: Math.random, logger: consoleLogger((line) => view.note(line)), metrics: noMetrics };
  const addresses = await Addresses.open(Math.random);
  stack.defer(() => addresses.close());
  if (!addresses.ownAddresses) view.note('This system has no addresses 127.x.y.z: pods share 127.0.0.1 and have ports of their own.');

  const recorder = new Recorder();
  const fleets = new FleetWatch(context);
  const groups: number[] = [...controlPlane.groups];
  const kubelet = new Kubelet({ ...context, addresses, images: localImages(programWords(), scene.images), runFolder, workingFolder: files.workingFolder, wrap: scene.stage.wrap, onProcess: (group) => addGroup(group), onCrash: (pod, exitCode) => view.note(`pod ${pod} ended with exit code ${exitCode}; starting it again`) });
  const observer = new Observer({ fleets, kubelet, recorder, view });
  const addGroup = observer.addGroup;
  for (const group of groups) addGroup(group);
  runControllers(context, { kubelet, fleets, stack, collect: options.arguments.controlPlane === 'real', onFailure: options.onFailure });

  const operator = new OperatorProcess({ kubeconfig: controlPlane.kubeconfig, runFolder, decisions: options.arguments.decisions, onProcess: addGroup, onFailure: options.onFailure, note: (line) => view.note(line) });
  operator.start();
  stack.defer(() => operator.stop());

  const loads = makeLoads(options, { kubelet, observer, recorder });
  stack.defer(() => loads.stop());
  for (const { type, object } of scene.objects) if (type.kind === 'FeatureServer') loads.prepare(`${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`);
  kubelet.subscribe(() => loads.update(fleets.fleets()));
  fleets.subscribe(() => observer.noteDecisions());

  loadFeatures(scene.objects, join(runFolder, 'shared'));
  await applyManifest(controlPlane.client, scene.objects);
  const director = makeDirector(options, scene, controlPlane);
  return { controlPlane, runFolder, fleets, loads, observer, recorder, director, stop: () => stack.disposeAsync() };
};

const makeDirector = ({ ready, view, onFailure }: SessionOptions, { stage }: Scene, { client }: ControlPlane): Director | undefined => {
  if (ready?.kind !== 'scenario') return undefined;
  const apply = (objects: readonly ManifestObject[]): Promise<void> => applyManifest(client, objects);
  return new Director({ name: ready.name, scenario: ready.scenario, begin: stage.begin, tools: { apply }, tell: (line) => view.pin(line), onFailure });
};

interface Controllers {
  readonly kubelet: Kubelet;
  readonly fleets: FleetWatch;
  readonly stack: AsyncDisposableStack;
  /** Whether nobody else deletes what has lost its owner. */
  readonly collect: boolean;
  readonly onFailure: (message: string) => void;
}

const runControllers = (context: ControlContext, { kubelet, fleets, stack, collect, onFailure }: Controllers): void => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const parts = [kubelet.run(signal), runWorkloadControllers({ ...context, nodeName: localNode.name }, signal), fleets.run(signal)];
  const running = Promise.all(collect ? [...parts, runOrphanCollector(context, signal)] : parts);
  running.catch((error: unknown) => onFailure(`a local controller ended: ${String(error)}`));
  stack.defer(async () => {
    stopping.abort();
    // First the pods: a controller that drains must not wait for them.
    await kubelet.stopAll(podGraceMs);
    await running.catch(() => undefined);
  });
};

const makeLoads = ({ arguments: given, files, onFailure }: SessionOptions, { kubelet, observer, recorder }: { kubelet: Kubelet; observer: Observer; recorder: Recorder }): FleetLoads =>
  new FleetLoads({
    kubelet,
    arguments: given,
    trace: files.trace,
    passSeconds: files.passSeconds,
    onProcess: observer.addGroup,
    onSecond: (key, second) => observer.second(key, second),
    // Node counts from the start of the process.
    onFirstAnswer: () => recorder.firstRequest(performance.now() / 1000),
    onCrash: onFailure,
  });
