/**
 * A file of lines that never grows beyond twice a size: `FILE`, and before it `FILE.1`. Nothing here waits or fails for whoever
 * appends: what cannot be written is lost, counted, and said once in the log.
 *
 * @module
 */
import { open, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Clock, Logger } from '../runtime/ports.ts';

export interface RotatingFileOptions {
  path: string;
  /** What stands in it, for messages. */
  what: string;
  clock: Clock;
  logger: Logger;
  /** Size at which it becomes `FILE.1`, bytes. Default 64 MiB. */
  maxBytes?: number;
  /** Most that may wait for the disk, characters. Default 32 Mi. */
  maxWaiting?: number;
}

/** Lines are written together up to so many characters. */
const BATCH = 1 << 20;
/** After a failure the next attempt is not made before so long a time, milliseconds. */
const PAUSE_MS = 30_000;

export class RotatingFile {
  readonly #options: Required<RotatingFileOptions>;
  #lines: string[] = [];
  #waiting = 0;
  #writing: Promise<void> | null = null;
  #handle: FileHandle | null = null;
  #bytes = 0;
  #mayRotate = true;
  #lost = 0;
  #isFailed = false;
  #notBefore = -Infinity;

  constructor(options: RotatingFileOptions) {
    this.#options = { maxBytes: 64 << 20, maxWaiting: 32 << 20, ...options };
  }

  /** Adds a line (without its end) as soon as the disk allows. */
  append(line: string): void {
    if (this.#options.clock.monotonicMs() < this.#notBefore) return void (this.#lost += 1);
    if (this.#waiting + line.length > this.#options.maxWaiting && this.#waiting > 0) return this.#drop(1, 'the disk is too slow');
    this.#lines.push(line);
    this.#waiting += line.length;
    this.#writing ??= this.#drain().finally(() => (this.#writing = null));
  }

  /** Writes what waits, and closes. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#release();
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#write(batch.join(''));
        this.#recovered();
      } catch (error) {
        await this.#release();
        this.#notBefore = this.#options.clock.monotonicMs() + PAUSE_MS;
        this.#drop(batch.length + this.#lines.length, Error.isError(error) ? error.message : String(error));
        this.#lines = [];
        this.#waiting = 0;
      }
    }
  }

  #takeBatch(): string[] {
    let size = 0;
    const end = this.#lines.findIndex((line) => (size += line.length) > BATCH);
    const batch = this.#lines.splice(0, end === -1 ? this.#lines.length : Math.max(1, end));
    for (const line of batch) this.#waiting -= line.length;
    return batch.map((line) => `${line}\n`);
  }

  async #write(text: string): Promise<void> {
    const data = Buffer.from(text);
    let handle = this.#handle ?? (await this.#open());
    if (this.#mayRotate && this.#bytes > 0 && this.#bytes + data.length > this.#options.maxBytes) {
      await this.#release();
      await rename(this.#options.path, `${this.#options.path}.1`);
      handle = await this.#open();
    }
    await handle.appendFile(data);
    this.#bytes += data.length;
  }

  /** Only its owner may read it. A device or a pipe is written to and never renamed. */
  async #open(): Promise<FileHandle> {
    const handle = await open(this.#options.path, 'a', 0o600);
    this.#handle = handle;
    const stats = await handle.stat();
    this.#bytes = stats.size;
    this.#mayRotate = stats.isFile();
    // After a failure or a crash the file may end in half a line.
    if (this.#mayRotate && this.#bytes > 0) await handle.appendFile('\n');
    return handle;
  }

  async #release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => undefined);
  }

  #drop(lines: number, why: string): void {
    this.#lost += lines;
    if (this.#isFailed) return;
    this.#isFailed = true;
    const { logger, what, path } = this.#options;
    logger.warn(`${what} cannot be written to ${path} and are lost until they can: ${why}`, { file: path });
  }

  #recovered(): void {
    if (!this.#isFailed || this.#lines.length > 0) return;
    const { logger, what, path } = this.#options;
    logger.info(`${what} are written to ${path} again; ${this.#lost} were lost`, { file: path });
    this.#isFailed = false;
    this.#lost = 0;
    this.#notBefore = -Infinity;
  }
}
