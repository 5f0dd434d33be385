/**
 * A registry on its way from the primary, which has read and checked it, to a serving process: in small messages, so that none of them
 * holds the receiving event loop for long.
 *
 * @module
 */
import type { BuildOptions } from './build-definitions.ts';

/** A piece of a registry file. */
export interface DefinitionsPart {
  readonly type: 'definitions';
  /** Which registry the piece belongs to; grows with each that is sent. */
  readonly load: number;
  readonly part: number;
  readonly parts: number;
  readonly base64: string;
  readonly options: BuildOptions;
}

/** A multiple of three, so that pieces of base64 have no padding inside. Decoding one takes less than a millisecond. */
const partBytes = 3 * 64 * 1024;

/** Takes a file apart. */
export function* splitRegistry(load: number, file: Buffer, options: BuildOptions): Generator<DefinitionsPart> {
  const parts = Math.max(1, Math.ceil(file.length / partBytes));
  for (let part = 0; part < parts; part++) {
    yield { type: 'definitions', load, part, parts, base64: file.toString('base64', part * partBytes, (part + 1) * partBytes), options };
  }
}

/** Puts files together again; a file whose successor has begun is dropped. */
export class RegistryAssembly {
  private load = -1;
  private pieces: Buffer[] = [];

  /** The whole file with its last piece, undefined before. */
  add({ load, part, parts, base64 }: DefinitionsPart): Buffer | undefined {
    if (load < this.load) return undefined;
    if (load > this.load) this.pieces = [];
    this.load = load;
    this.pieces[part] = Buffer.from(base64, 'base64');
    if (part + 1 < parts) return undefined;
    const file = Buffer.concat(this.pieces);
    this.pieces = [];
    return file;
  }
}
