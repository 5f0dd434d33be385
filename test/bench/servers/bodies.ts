/**
 * Request bodies of the recorded shapes, 200 different ones each, so that no server can answer from a cache of results.
 *
 * @module
 */
import { BodySource } from '../../../src/local/load/request-bodies.ts';
import { seededRandom } from '../../../src/local/load/random.ts';

export const shapes = ['1x50', '10x50', '50x50', '100x50'] as const;
export type Shape = (typeof shapes)[number];

const bodiesPerShape = 200;

/** Entities by features, as in Feast's own benchmarks. */
export const bodiesOf = (shape: Shape): string[] => {
  const source = new BodySource({ [shape]: 1 }, seededRandom(1));
  return Array.from({ length: bodiesPerShape }, () => source.next().toString());
};
