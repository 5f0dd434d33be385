/**
 * A demonstration: a fleet to which something happens a little after its start. The operator does not know that it is one.
 *
 * @module
 */
import type { BottleneckClass } from '../../api/featureserver-status.ts';
import type { LocalImage } from '../kubelet/images.ts';
import type { WrapCommand } from '../kubelet/wrap-command.ts';
import type { ManifestObject } from '../manifest/read-manifest.ts';

/** What a scenario may use of a run. */
export interface StageRoom {
  /** Folder of the run. */
  readonly runFolder: string;
  /** Command line of `plateau`. */
  readonly program: readonly string[];
  /** Ends what is started here. */
  readonly stack: AsyncDisposableStack;
}

/** What a cause may do besides what the scenario itself has started. */
export interface Tools {
  /** Server-side apply, as `kubectl apply --server-side` of an edited manifest. */
  apply(objects: readonly ManifestObject[]): Promise<void>;
}

/** A scenario whose parts run: the fleet can be applied. */
export interface Stage {
  /** The objects of the fleet, YAML. */
  readonly manifest: string;
  /** How the kubelet of the run starts the programs of the pods. */
  readonly wrap?: WrapCommand;
  /** Makes the cause happen; absent where the load alone is the cause. */
  readonly begin?: (tools: Tools) => Promise<void>;
}

/** What was found or built on this machine. */
export interface PreparedScenario {
  /** By name of the repository. */
  readonly images: ReadonlyMap<string, LocalImage>;
  /** Starts what the fleet lives on. */
  stage(room: StageRoom): Promise<Stage>;
}

export interface Scenario {
  /** What happens, in one line. */
  readonly help: string;
  /** The class that names the cause; null where what counts is the move alone. */
  readonly class: BottleneckClass | null;
  /** What the operator should do, in one line. */
  readonly answer: string;
  /** Requests per second before and after the cause. */
  readonly load: { readonly before: number; readonly after: number };
  /** When the cause begins, seconds after the load. */
  readonly atSeconds: number;
  /** What happens then, as the view says it. */
  readonly cause: string;
  /** Finds or builds what it needs, before anything starts. @throws MissingTool */
  prepare(progress: (line: string) => void): Promise<PreparedScenario>;
}
