/**
 * What a pod prints: kept in a file of the run, and its end in memory for the status.
 *
 * @module
 */
import { appendFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** A program that prints without end must not fill the disk. */
const maxFileBytes = 10 * 1024 * 1024;
const maxTailBytes = 2048;

export class OutputLog {
  readonly #file: string;
  #written = 0;
  #tail = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** Takes all that a stream gives. */
  follow(stream: Readable | null): void {
    stream?.on('data', (chunk: Buffer) => this.#add(chunk));
    stream?.on('error', () => undefined);
  }

  /** The last lines, at most 2 KiB. */
  tail(): string {
    return this.#tail.trim();
  }

  /** Forgets the lines of the container before. */
  startAnew(): void {
    this.#tail = '';
  }

  #add(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.toString('utf8')).slice(-maxTailBytes);
    if (this.#written >= maxFileBytes) return;
    this.#written += chunk.length;
    try {
      appendFileSync(this.#file, chunk);
    } catch {
      // A full disk must not end the fleet: the log is lost, the pod goes on.
      this.#written = maxFileBytes;
    }
  }
}
