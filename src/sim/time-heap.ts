/**
 * A binary min-heap of numbers with an integer at each, in typed arrays: no allocation per event.
 *
 * @module
 */
import { NEVER } from './numbers.ts';

export class TimeHeap {
  size = 0;
  #keys = new Float64Array(16);
  #values = new Int32Array(16);

  /** Least key; Infinity when empty. */
  get first(): number {
    return this.size === 0 ? NEVER : (this.#keys[0] ?? NEVER);
  }

  push(key: number, value: number): void {
    if (this.size === this.#keys.length) this.#grow();
    let at = this.size;
    this.size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#keys[parent] ?? 0;
      if (above <= key) break;
      this.#keys[at] = above;
      this.#values[at] = this.#values[parent] ?? 0;
      at = parent;
    }
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  /** Removes the least and returns its integer; -1 when empty. */
  pop(): number {
    if (this.size === 0) return -1;
    const value = this.#values[0] ?? -1;
    this.size -= 1;
    if (this.size > 0) this.#sink(this.#keys[this.size] ?? 0, this.#values[this.size] ?? 0);
    return value;
  }

  #sink(key: number, value: number): void {
    const keys = this.#keys;
    const { size } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && (keys[child + 1] ?? 0) < (keys[child] ?? 0)) child += 1;
      const below = keys[child] ?? 0;
      if (below >= key) break;
      keys[at] = below;
      this.#values[at] = this.#values[child] ?? 0;
      at = child;
    }
    keys[at] = key;
    this.#values[at] = value;
  }

  #grow(): void {
    const keys = new Float64Array(2 * this.#keys.length);
    keys.set(this.#keys);
    this.#keys = keys;
    const values = new Int32Array(2 * this.#values.length);
    values.set(this.#values);
    this.#values = values;
  }
}
