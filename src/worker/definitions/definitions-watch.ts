/**
 * Keeps definitions in step with the files they come from: the feature_store.yaml and the registry it names. What cannot be served
 * leaves the last good definitions in force, and is told until it is mended.
 *
 * @module
 */
import { FeatureStoreError, parseFeatureStore } from '../feature-store.ts';
import type { FeatureStore } from '../feature-store.ts';
import type { Log } from '../log.ts';
import { identify, readAtRest } from './file-identity.ts';
import { RegistryError } from './load-definitions.ts';
import { describeFileError, readGoodRegistry, UnreadableRegistry } from './read-registry.ts';
import type { GoodRegistry } from './read-registry.ts';
import type { Pace } from './steps.ts';

export interface WatchInput {
  /** Path of the feature_store.yaml. */
  readonly path: string;
  /** What it said at the start. */
  readonly store: FeatureStore;
  readonly log: Log;
  readonly pace: Pace;
  /** Takes each registry that is to be in force from now on, beginning with the first. */
  readonly onRegistry: (registry: GoodRegistry) => void;
}

export class DefinitionsWatch {
  private readonly input: WatchInput;
  private store: FeatureStore;
  private yamlIdentity = '';
  private registryIdentity = '';
  private good: GoodRegistry | undefined;
  private yamlProblem: string | undefined;
  private registryProblem: string | undefined;
  private looking = false;

  constructor(input: WatchInput) {
    this.input = input;
    this.store = input.store;
  }

  /** Why the definitions in force are not those of the files; undefined while they are. */
  get problem(): string | undefined {
    return this.yamlProblem ?? this.registryProblem;
  }

  /** Begins with what was read at the start of the program. */
  async start(registry: GoodRegistry): Promise<void> {
    this.yamlIdentity = await identify(this.input.path).catch(() => '');
    this.adopt(registry);
  }

  /** Looks for changes; call it now and then. A call while the last one still works does nothing. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.lookAtYaml();
      await this.lookAtRegistry();
    } finally {
      this.looking = false;
    }
  }

  private async lookAtYaml(): Promise<void> {
    const { path } = this.input;
    try {
      if ((await identify(path)) === this.yamlIdentity) return;
      const { identity, content } = await readAtRest(path);
      this.yamlIdentity = identity;
      this.takeYaml(parseFeatureStore(content.toString('utf8'), path));
    } catch (error) {
      // A file that could not be read may come back as it was, and then has to be read for the problem to end.
      if (!(error instanceof FeatureStoreError)) this.yamlIdentity = '';
      const why = error instanceof FeatureStoreError ? error.message : `${path}: ${describeFileError(error)}`;
      this.tellYaml(`the feature store's file is no longer valid, the earlier one stays in force: ${why}`);
    }
  }

  /** Only the registry's part can change while serving processes hold connections to the store. */
  private takeYaml(next: FeatureStore): void {
    const { project, store, registry } = this.store;
    const fixed = next.project !== project || JSON.stringify(next.store) !== JSON.stringify(store);
    this.tellYaml(fixed ? `${this.input.path}: \`project\` or \`online_store\` has changed, which takes effect with a restart` : undefined);
    if (fixed || JSON.stringify(next.registry) === JSON.stringify(registry)) return;
    this.store = next;
    this.registryIdentity = '';
  }

  private async lookAtRegistry(): Promise<void> {
    const { path } = this.store.registry;
    let identity = '';
    try {
      identity = await identify(path);
      if (identity === this.registryIdentity) return;
      this.adopt(await this.read());
    } catch (error) {
      // A file that cannot be served is not read again before it changes. One that cannot be read may become readable as it is.
      this.registryIdentity = error instanceof UnreadableRegistry ? '' : identity;
      const why = error instanceof RegistryError ? error.problems.join('; ') : describeFileError(error);
      this.tellRegistry(`the registry ${path} cannot be served, the earlier definitions stay in force: ${why}`);
    }
  }

  private async read(): Promise<GoodRegistry> {
    const { project, registry } = this.store;
    const read = await readGoodRegistry(project, registry, this.input.pace);
    if (this.good?.knowsProject !== true || read.knowsProject) return read;
    // Feast writes the project's entry behind its views: a file that has lost it was cut while it was written.
    throw new RegistryError(['the file has lost the entry of its project, so only a part of it was written; run `feast apply`']);
  }

  private adopt(registry: GoodRegistry): void {
    const again = this.good !== undefined;
    this.good = registry;
    this.registryIdentity = registry.identity;
    this.tellRegistry(undefined);
    const { views, services } = registry.definitions;
    const fields = { registry: this.store.registry.path, views: views.size, services: services.size };
    this.input.log('info', again ? 'the registry has changed, its definitions are in force' : 'definitions read', fields);
    this.input.onRegistry(registry);
  }

  private tellYaml(problem: string | undefined): void {
    this.yamlProblem = this.tell(this.yamlProblem, problem, 'the feature store\'s file is in order again');
  }

  private tellRegistry(problem: string | undefined): void {
    this.registryProblem = this.tell(this.registryProblem, problem, 'the registry can be served again');
  }

  /** Each new problem once, and its end. */
  private tell(before: string | undefined, now: string | undefined, relief: string): string | undefined {
    if (now !== undefined && now !== before) this.input.log('error', now);
    if (now === undefined && before !== undefined) this.input.log('info', relief);
    return now;
  }
}
