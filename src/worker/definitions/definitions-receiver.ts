/**
 * The definitions of one serving process, as the primary sends them. New ones take the place of the old in one step, built in
 * pauses between requests.
 *
 * @module
 */
import type { Definitions } from './definitions.ts';
import type { DefinitionsSource } from './definitions-source.ts';
import { RegistryAssembly } from './definitions-transfer.ts';
import type { DefinitionsPart } from './definitions-transfer.ts';
import { loadDefinitions } from './load-definitions.ts';
import { runWithPauses } from './steps.ts';
import type { Pace } from './steps.ts';

export class DefinitionsReceiver implements DefinitionsSource {
  /** Resolves when the first definitions are in force. */
  readonly first: Promise<void>;
  private readonly pace: Pace;
  private readonly assembly = new RegistryAssembly();
  private definitions: Definitions | undefined;
  private newest = -1;
  private ready: () => void = () => undefined;

  constructor(pace: Pace) {
    this.pace = pace;
    this.first = new Promise((resolve) => (this.ready = resolve));
  }

  current(): Definitions {
    if (this.definitions === undefined) throw new Error('no definitions have come yet');
    return this.definitions;
  }

  /**
   * Takes a piece in. Resolves when the definitions are in force, if it was the last one.
   *
   * @throws RegistryError, which the primary would have met before
   */
  async take(piece: DefinitionsPart): Promise<void> {
    const file = this.assembly.add(piece);
    if (file === undefined) return;
    this.newest = piece.load;
    const { definitions } = await runWithPauses(loadDefinitions(file, piece.options), this.pace);
    // A later registry may have overtaken this one in the pauses.
    if (this.newest !== piece.load) return;
    this.definitions = definitions;
    this.ready();
  }
}
