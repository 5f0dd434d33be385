/**
 * The online store that all pods share: a latency for each request, and at most so many at once; the others wait in line.
 *
 * @module
 */
import { IdQueue } from './id-queue.ts';
import type { Requests } from './requests.ts';
import { TimeHeap } from './time-heap.ts';

export class Store {
  readonly #requests: Requests;
  readonly #inService = new TimeHeap();
  readonly #waiting = new IdQueue();
  #limit: number;

  /** @param limit how many it serves at once; Infinity without a limit */
  constructor(requests: Requests, limit: number) {
    this.#requests = requests;
    this.#limit = limit;
  }

  /** When the next answer comes, seconds; Infinity while nobody asks. */
  get next(): number {
    return this.#inService.first;
  }

  ask(id: number, now: number): void {
    if (this.#inService.size < this.#limit) this.#serve(id, now);
    else this.#waiting.push(id);
  }

  /** The request that is answered at `next`; the one that waited longest takes its place. */
  answer(now: number): number {
    const id = this.#inService.pop();
    this.#fill(now);
    return id;
  }

  /** Another limit from now on. What is being served stays. */
  resize(limit: number, now: number): void {
    this.#limit = limit;
    this.#fill(now);
  }

  #fill(now: number): void {
    while (this.#waiting.size > 0 && this.#inService.size < this.#limit) this.#serve(this.#waiting.shift(), now);
  }

  #serve(id: number, now: number): void {
    this.#inService.push(now + (this.#requests.store[id] ?? 0), id);
  }
}
