/**
 * What a local run puts on its stage: the objects, and what stands in for their images.
 *
 * @module
 */
import { join } from 'node:path';
import * as z from 'zod';
import { layOutPoolImage } from '../local/images/pool-package.ts';
import type { LocalImage } from '../local/kubelet/images.ts';
import { readManifest } from '../local/manifest/read-manifest.ts';
import type { ManifestObject } from '../local/manifest/read-manifest.ts';
import { startLocalStore } from '../local/runtimes/local-store.ts';
import { runtimeManifest, storeDelayMs } from '../local/runtimes/manifest.ts';
import type { PreparedRuntime, Runtime } from '../local/runtimes/runtime.ts';
import type { PreparedScenario, Scenario, Stage } from '../local/scenarios/scenario.ts';
import { programWords } from './local-processes.ts';

/** A runtime with everything that it needs of this machine. */
export interface ReadyRuntime {
  readonly kind: 'runtime';
  readonly name: string;
  readonly runtime: Runtime;
  readonly prepared: PreparedRuntime;
}

/** A scenario with everything that it needs of this machine. */
export interface ReadyScenario {
  readonly kind: 'scenario';
  readonly name: string;
  readonly scenario: Scenario;
  readonly prepared: PreparedScenario;
}

/** What runs in place of the manifests. */
export type Ready = ReadyRuntime | ReadyScenario;

export interface Scene {
  readonly objects: readonly ManifestObject[];
  /** By name of the repository. */
  readonly images: ReadonlyMap<string, LocalImage>;
  /** How programs of pods are started, and what makes the cause of a scenario happen. */
  readonly stage: Pick<Stage, 'wrap' | 'begin'>;
}

export interface SceneOptions {
  /** Undefined: the objects of the manifests. */
  readonly ready: Ready | undefined;
  readonly objects: readonly ManifestObject[];
  readonly runFolder: string;
  /** Ends what is started here. */
  readonly stack: AsyncDisposableStack;
  readonly note: (line: string) => void;
}

/** Starts what the runtime or the scenario needs, and lays out the images that the objects need. @throws MissingTool */
export const setScene = async (options: SceneOptions): Promise<Scene> => {
  const { ready, objects, runFolder, note } = options;
  const set = ready === undefined ? { objects, stage: {} } : await raise(ready, options);
  const images = new Map(ready?.prepared.images);
  if (set.objects.some(needsPoolPackage)) {
    const folder = join(runFolder, 'images');
    await layOutPoolImage(folder, note);
    images.set('plateau-pool', { entrypoint: [join(folder, 'plateau-pool', 'install')] });
  }
  return { ...set, images };
};

const raise = async (ready: Ready, { runFolder, stack }: SceneOptions): Promise<Omit<Scene, 'images'>> => {
  if (ready.kind === 'runtime') return { objects: await runtimeObjects(ready, { runFolder, stack }), stage: {} };
  const stage = await ready.prepared.stage({ runFolder, program: programWords(), stack });
  return { objects: readManifest(stage.manifest, `the manifest of --scenario ${ready.name}`), stage };
};

const runtimeObjects = async ({ name, runtime, prepared }: ReadyRuntime, { runFolder, stack }: Pick<SceneOptions, 'runFolder' | 'stack'>): Promise<ManifestObject[]> => {
  const store = await startLocalStore({ folder: join(runFolder, 'store'), program: programWords(), delayMs: storeDelayMs });
  stack.defer(() => store.stop());
  return readManifest(runtimeManifest(prepared, runtime.scale, store), `the manifest of --runtime ${name}`);
};

const pooled = z.object({ spec: z.object({ server: z.union([z.object({ feast: z.looseObject({}) }), z.object({ python: z.looseObject({}) })]) }) });

const needsPoolPackage = ({ type, object }: ManifestObject): boolean => type.kind === 'FeatureServer' && pooled.safeParse(object).success;
