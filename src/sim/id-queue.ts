/**
 * First in, first out, of request numbers, in a ring that grows.
 *
 * @module
 */

export class IdQueue {
  size = 0;
  #ring = new Int32Array(16);
  #head = 0;

  push(id: number): void {
    if (this.size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.size) & (this.#ring.length - 1)] = id;
    this.size += 1;
  }

  /** The oldest; -1 when empty. */
  shift(): number {
    if (this.size === 0) return -1;
    const id = this.#ring[this.#head] ?? -1;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.size -= 1;
    return id;
  }

  #grow(): void {
    const ring = new Int32Array(2 * this.#ring.length);
    for (let index = 0; index < this.size; index += 1) ring[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)] ?? 0;
    this.#ring = ring;
    this.#head = 0;
  }
}
