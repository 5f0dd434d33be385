/**
 * What a container of an image runs on this machine, which has no images.
 *
 * @module
 */
import type { Container } from './pod-schema.ts';

/** An image that cannot be run here; the message says why and what to do. */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';
}

/** Command line that stands in for an image's entry point; undefined for an image that is not known. */
export type Entrypoint = (image: string) => readonly string[] | undefined;

/** The last component of an image's repository: `ghcr.io/acme/plateau:1.0` is `plateau`. */
const repositoryName = (image: string): string => {
  const path = image.split('@')[0] ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last.split(':')[0] ?? '';
};

/** Images whose entry point is this package's own program. */
const ownImages = new Set(['plateau', 'plateau-worker']);

/** Stands in for the images of this package: `program` is its command line. */
export const ownImageEntrypoint =
  (program: readonly string[]): Entrypoint =>
  (image) =>
    ownImages.has(repositoryName(image)) ? program : undefined;

/**
 * The words to run for a container: its own command, else the image's entry point, followed by its arguments.
 *
 * @throws ImageUnavailable when it has no command and the image is not known
 */
export const commandLine = ({ image, command, args, name }: Container, entrypoint: Entrypoint): string[] => {
  if (command.length > 0) return [...command, ...args];
  const program = entrypoint(image);
  if (program !== undefined) return [...program, ...args];
  throw new ImageUnavailable(
    `Back-off pulling image "${image}": a local fleet runs programs of this machine and no images; ` +
      `give container ${name} a command (spec.server.custom.command), or use the built-in server's own image`,
  );
};
