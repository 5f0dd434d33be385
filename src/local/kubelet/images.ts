/**
 * What a container of an image runs on this machine, which has no images.
 *
 * @module
 */
import { poolContainerName } from '../../api/names.ts';
import type { Container } from './pod-schema.ts';

/** An image that cannot be run here; the message says why and what to do. */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';
}

/** What stands in for an image. */
export interface LocalImage {
  /** Command line that stands in for the entry point; absent, a container must bring a command. */
  readonly entrypoint?: readonly string[];
  /** Variables of the image, under those of the container. `PATH` finds the programs that the image would hold. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where relative paths begin. */
  readonly workingFolder?: string;
}

/** Finds what stands in for an image; undefined for one that is not known. */
export type LocalImages = (image: string) => LocalImage | undefined;

/** The last component of an image's repository: `ghcr.io/acme/plateau:1.0` is `plateau`. */
const repositoryName = (image: string): string => {
  const path = image.split('@')[0] ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.split(':')[0] ?? '';
};

/** Images whose entry point is this package's own program. */
const ownImages = new Set(['plateau', 'plateau-worker']);

/** Stands in for the images of this package, whose command line `program` is, and for those that `others` has by name of the repository. */
export const localImages =
  (program: readonly string[], others: ReadonlyMap<string, LocalImage> = new Map()): LocalImages =>
  (image) => {
    const name = repositoryName(image);
    return others.get(name) ?? (ownImages.has(name) ? { entrypoint: program } : undefined);
  };

/**
 * The words to run for a container: its own command, else the image's entry point, followed by its arguments.
 *
 * @throws ImageUnavailable when it has no command and the image is not known
 */
export const commandLine = ({ image, command, args, name }: Container, known: LocalImage | undefined): string[] => {
  if (command.length > 0) return [...command, ...args];
  if (known?.entrypoint !== undefined) return [...known.entrypoint, ...args];
  throw new ImageUnavailable(`Back-off pulling image "${image}": a local fleet runs programs of this machine and no images; ${remedyFor(name)}`);
};

const remedyFor = (container: string): string =>
  container === poolContainerName
    ? 'a server of the kind feast or python has to be in a manifest when the run starts (--manifest), and its poolImage must be called plateau-pool'
    : `give container ${container} a command (spec.server.custom.command), or use the built-in server's own image`;
