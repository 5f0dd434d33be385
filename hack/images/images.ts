/**
 * What each image holds. The Dockerfiles in `images/` call this in their build stage; nothing in it needs a container engine.
 *
 * @module
 */
import { layOutPoolImage } from '../../src/local/images/pool-package.ts';
import { layOutNodeImage } from './node-image.ts';

/** Lays an image's root folder out. */
export type LayOut = (out: string, progress: (line: string) => void) => Promise<void> | void;

export const images: Readonly<Record<string, LayOut>> = {
  operator: (out) => layOutNodeImage(out, ['cli/operator.js', 'cli/operator-heap.js']),
  worker: (out) => layOutNodeImage(out, ['worker/main.js', 'worker/serving/serving-process.js', 'worker/loader-command.js', 'cli/check.js']),
  'python-pool': layOutPoolImage,
};
