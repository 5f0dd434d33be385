/**
 * From the bytes of a watch to its events.
 *
 * @module
 */
import { ApiError } from '../runtime/ports.ts';
import type { KubeObject, WatchEvent } from '../runtime/ports.ts';
import { errorFromStatus, readStatus } from './api-errors.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. Bytes are joined before they are decoded, so that a character or a line cut in half by
 * the network comes out whole. Rejects with Malformed when a line is longer than `maxLineBytes` or the stream ends in the
 * middle of one.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, what: string, maxLineBytes: number): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > maxLineBytes) throw new ApiError('Malformed', `${what}: a line of more than ${maxLineBytes} bytes`);
  }
  if (held > 0) throw new ApiError('Malformed', `${what}: the stream ended in the middle of a line`);
}

/** Parses one line of a watch. An ERROR line is thrown as the `ApiError` it stands for; anything unexpected as Malformed. */
export const parseWatchLine = (line: string, what: string): WatchEvent => {
  const value = parseJson(line, what);
  const { type, object } = isRecord(value) ? value : {};
  if (type === 'ERROR') throw errorFromStatus(what, readStatus(object));
  if (!isEventType(type) || !isKubeObject(object)) {
    throw new ApiError('Malformed', `${what}: not a watch event: ${line.slice(0, 200)}`);
  }
  return { type, object };
};

/** Parses JSON text of the server, or throws Malformed. */
export const parseJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError('Malformed', `${what}: the answer is not JSON`, { cause: error });
  }
};

/** True for anything with an object under `metadata`, which is all that the runtime relies on. */
export const isKubeObject = (value: unknown): value is KubeObject => isRecord(value) && isRecord(value['metadata']);

/** True for a JSON object or array. */
export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isEventType = (type: unknown): type is WatchEvent['type'] =>
  type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';
