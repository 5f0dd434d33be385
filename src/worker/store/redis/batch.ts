/**
 * Commands that were sent together on one connection, and what becomes of them.
 *
 * @module
 */

/** Gets the replies of its commands in their order, then one `done`; or `failed`, and then nothing more. */
export interface Batch {
  /** Commands sent, at least one. */
  readonly commands: number;
  /** A reply of values; as in `ReplySink`, the bytes are only valid during the call. @throws ProtocolError when it cannot be the reply of that command */
  values: (command: number, bytes: Buffer, places: Int32Array, count: number) => void;
  /** A status line, such as `PONG`. @throws ProtocolError when none was due */
  status: (command: number, text: string) => void;
  /** An error reply to one command; the others go on. */
  refused: (command: number, text: string) => void;
  done: () => void;
  failed: (error: Error) => void;
}
