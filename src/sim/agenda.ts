/**
 * What is to be done at which moment besides serving: scrapes, evaluations, changes. First come, first served at the same moment.
 *
 * @module
 */
import { NEVER } from './numbers.ts';
interface Item {
  readonly at: number;
  readonly order: number;
  readonly run: (now: number) => void;
}

const isBefore = (a: Item, b: Item): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Agenda {
  readonly #items: Item[] = [];
  #order = 0;

  /** Time of the next item, seconds; Infinity when there is none. */
  get next(): number {
    return this.#items[0]?.at ?? NEVER;
  }

  add(at: number, run: (now: number) => void): void {
    const item: Item = { at, order: (this.#order += 1), run };
    let place = this.#items.length;
    this.#items.push(item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || isBefore(above, item)) break;
      this.#items[place] = above;
      place = parent;
    }
    this.#items[place] = item;
  }

  /** Does the next item. */
  run(): void {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined) return;
    if (first !== last) this.#sink(last);
    first.run(first.at);
  }

  #sink(item: Item): void {
    let place = 0;
    for (;;) {
      const left = this.#items[2 * place + 1];
      if (left === undefined) break;
      const right = this.#items[2 * place + 2];
      const isRight = right !== undefined && isBefore(right, left);
      const least = isRight ? right : left;
      if (isBefore(item, least)) break;
      this.#items[place] = least;
      place = 2 * place + (isRight ? 2 : 1);
    }
    this.#items[place] = item;
  }
}
