/**
 * Requests that are in the fleet, field by field in typed arrays; numbers are used again.
 *
 * @module
 */

export class Requests {
  /** How many are in the fleet. */
  inside = 0;
  /** Seconds since the start of the run. */
  arrivedAt = new Float64Array(256);
  pickedAt = new Float64Array(256);
  phaseAt = new Float64Array(256);
  /** What it asks for: a factor on the CPU time of a request, and the store's time in seconds. */
  cpu = new Float64Array(256);
  store = new Float64Array(256);
  /** Store time as the server sees it so far, seconds. */
  storeSeen = new Float64Array(256);
  phase = new Uint8Array(256);
  pod = new Int32Array(256);
  process = new Uint8Array(256);
  #free = new Int32Array(256);
  #freed = 0;
  #used = 0;

  /** A number for a request that arrives now. */
  take(now: number, cpu: number, store: number): number {
    const id = this.#freed > 0 ? (this.#free[(this.#freed -= 1)] ?? 0) : this.#fresh();
    this.inside += 1;
    this.arrivedAt[id] = now;
    this.cpu[id] = cpu;
    this.store[id] = store;
    this.storeSeen[id] = 0;
    this.phase[id] = 0;
    this.pod[id] = -1;
    return id;
  }

  give(id: number): void {
    this.inside -= 1;
    this.pod[id] = -1;
    this.#free[this.#freed] = id;
    this.#freed += 1;
  }

  /** Calls back with the arrival of each request that is still inside. */
  eachInside(call: (arrivedAt: number) => void): void {
    for (let id = 0; id < this.#used; id += 1) if ((this.pod[id] ?? -1) >= 0) call(this.arrivedAt[id] ?? 0);
  }

  #fresh(): number {
    if (this.#used === this.arrivedAt.length) this.#grow();
    this.#used += 1;
    return this.#used - 1;
  }

  #grow(): void {
    const size = 2 * this.arrivedAt.length;
    const wider = (array: Float64Array): Float64Array<ArrayBuffer> => {
      const copy = new Float64Array(size);
      copy.set(array);
      return copy;
    };
    for (const field of ['arrivedAt', 'pickedAt', 'phaseAt', 'cpu', 'store', 'storeSeen'] as const) this[field] = wider(this[field]);
    this.phase = widen(this.phase, new Uint8Array(size));
    this.process = widen(this.process, new Uint8Array(size));
    this.pod = widen(this.pod, new Int32Array(size));
    this.#free = widen(this.#free, new Int32Array(size));
  }
}

const widen = <Array extends Uint8Array | Int32Array>(from: Array, to: Array): Array => {
  to.set(from);
  return to;
};
