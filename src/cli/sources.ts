/**
 * Where bytes come from: each source is opened when its turn comes, since a stream that fails while nobody listens ends the process.
 *
 * @module
 */
import { createReadStream, fstatSync } from 'node:fs';
import { messageOf } from '../local/error-code.ts';
import { UsageError } from './flag-table.ts';

/** A name for messages, and the bytes. */
export type Source = readonly [name: string, open: () => AsyncIterable<Uint8Array>];

/** A directory there would read as the end of the input. */
const standardInput = (): AsyncIterable<Uint8Array> => {
  if (fstatSync(0).isDirectory()) throw new UsageError('standard input is a directory');
  return process.stdin;
};

/** A file; `-` is standard input. */
export const sourceOf = (file: string): Source => [file, () => (file === '-' ? standardInput() : createReadStream(file))];

const isFileError = (error: unknown): boolean => Error.isError(error) && 'syscall' in error;
const isGzip = (chunk: Uint8Array): boolean => chunk[0] === 0x1f && chunk[1] === 0x8b;

/** The name of a source in a message. */
export const told = (name: string): string => (name === '-' ? 'standard input' : name);

/** The bytes of a source. Rejects with a UsageError that names it when it cannot be read, or is compressed. */
export async function* bytesOf([name, open]: Source): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  try {
    for await (const chunk of open()) {
      if (isFirst && isGzip(chunk)) throw new UsageError(`${told(name)} is compressed: unpack it first (gzip -dc FILE | plateau …)`);
      isFirst = false;
      yield chunk;
    }
  } catch (error) {
    throw isFileError(error) ? new UsageError(`${told(name)} cannot be read: ${messageOf(error)}`, { cause: error }) : error;
  }
}
