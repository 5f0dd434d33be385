/**
 * Work under processor sharing: all that is present gets the same speed. Kept in virtual time, the work that each has received
 * since the station was last empty, so that an arrival or a departure touches one heap entry.
 *
 * @module
 */
import { max } from './numbers.ts';
import { TimeHeap } from './time-heap.ts';

/** Work left over by rounding, seconds. */
const ROUNDING = 1e-9;

export class Station {
  readonly #heap = new TimeHeap();
  #received = 0;
  /** Work of all that is present, seconds: what one that arrived now would wait for in line. */
  unfinished = 0;

  get size(): number {
    return this.#heap.size;
  }

  enter(id: number, work: number): void {
    this.#heap.push(this.#received + work, id);
    this.unfinished += work;
  }

  /** Time passes in which each receives `work` seconds. */
  receive(work: number): void {
    this.#received += work;
    this.unfinished = max(0, this.unfinished - work * this.#heap.size);
  }

  /** Work that each has to receive until the first is done, seconds; Infinity when empty. */
  get untilFirst(): number {
    return max(0, this.#heap.first - this.#received);
  }

  /** One whose work is done; -1 when there is none. */
  leave(): number {
    if (this.#heap.first - this.#received > ROUNDING) return -1;
    const id = this.#heap.pop();
    if (this.#heap.size === 0) {
      this.#received = 0;
      this.unfinished = 0;
    }
    return id;
  }
}
