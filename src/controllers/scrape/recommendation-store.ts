/**
 * The newest recommendation of each fleet: written by the measuring loop, read by reconcile.
 *
 * @module
 */
import type { RecommendationReader, TimedRecommendation } from './ports.ts';

/** In memory only: a new leader begins with none, and until the first evaluation reconcile keeps what is there. */
export class RecommendationStore implements RecommendationReader {
  readonly #byKey = new Map<string, TimedRecommendation>();

  get(key: string): TimedRecommendation | undefined {
    return this.#byKey.get(key);
  }

  set(key: string, recommendation: TimedRecommendation): void {
    this.#byKey.set(key, recommendation);
  }

  delete(key: string): void {
    this.#byKey.delete(key);
  }

  /** Forgets everything: on losing leadership. */
  clear(): void {
    this.#byKey.clear();
  }
}
