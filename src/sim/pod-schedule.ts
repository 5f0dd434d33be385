/**
 * When each pod has its next event: an indexed heap, so that a pod's time can change without a trace of the old one.
 *
 * @module
 */
import { NEVER } from './numbers.ts';
import type { Pod } from './pod.ts';

export class PodSchedule {
  readonly #heap: Pod[] = [];

  /** Time of the next event of any pod, seconds; Infinity when there is none. */
  get first(): number {
    return this.#heap[0]?.next ?? NEVER;
  }

  get firstPod(): Pod | undefined {
    return this.#heap[0];
  }

  add(pod: Pod): void {
    pod.place = this.#heap.length;
    this.#heap.push(pod);
    this.update(pod);
  }

  remove(pod: Pod): void {
    const last = this.#heap.pop();
    if (last === undefined || last === pod) return;
    last.place = pod.place;
    this.#heap[last.place] = last;
    this.update(last);
  }

  /** To be called whenever `pod.next` has changed. */
  update(pod: Pod): void {
    if (!this.#rise(pod)) this.#sink(pod);
  }

  #put(pod: Pod, place: number): void {
    this.#heap[place] = pod;
    pod.place = place;
  }

  #rise(pod: Pod): boolean {
    let { place } = pod;
    const start = place;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || above.next <= pod.next) break;
      this.#put(above, place);
      place = parent;
    }
    if (place !== start) this.#put(pod, place);
    return place !== start;
  }

  #sink(pod: Pod): void {
    const heap = this.#heap;
    let { place } = pod;
    for (;;) {
      const left = heap[2 * place + 1];
      if (left === undefined) break;
      const right = heap[2 * place + 2];
      const least = right !== undefined && right.next < left.next ? right : left;
      if (least.next >= pod.next) break;
      const down = least.place;
      this.#put(least, place);
      place = down;
    }
    this.#put(pod, place);
  }
}
