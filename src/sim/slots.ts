/**
 * The slots of a pod: so many requests may be in each process at once.
 *
 * @module
 */
export class Slots {
  threads: number;
  processes: number;
  busy = 0;
  readonly #busyOf = new Int32Array(64);

  constructor(size: { threads: number; processes: number }) {
    this.threads = size.threads;
    this.processes = size.processes;
  }

  /** True when some process may take a request. */
  get free(): boolean {
    if (this.processes === 1) return (this.#busyOf[0] ?? 0) < this.threads;
    return (this.#busyOf[this.#calmest()] ?? 0) < this.threads;
  }

  /** Takes a slot of the process that holds the fewest requests, and says which process. */
  take(): number {
    const process = this.processes === 1 ? 0 : this.#calmest();
    this.#busyOf[process] = (this.#busyOf[process] ?? 0) + 1;
    this.busy += 1;
    return process;
  }

  give(process: number): void {
    this.#busyOf[process] = (this.#busyOf[process] ?? 0) - 1;
    this.busy -= 1;
  }

  /** Who holds a slot that is no more keeps it. */
  resize(size: { threads: number; processes: number }): void {
    this.threads = size.threads;
    this.processes = size.processes;
  }

  #calmest(): number {
    let least = 0;
    for (let process = 1; process < this.processes; process += 1) {
      if ((this.#busyOf[process] ?? 0) < (this.#busyOf[least] ?? 0)) least = process;
    }
    return least;
  }
}
