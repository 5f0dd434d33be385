/**
 * Keeps the operator's memory near what it uses.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 trades memory for speed: the young generation grows to 48 MB and more under load, the old one to half as much again as is in
 * use, and a process at rest, which allocates nothing, collects nothing and so never gives them back. Here the young generation
 * stays at the size of its beginning and the old one grows by 30 % between collections; neither has a ceiling, so that a
 * larger cluster needs more and no operator dies of it. Cost and gain are measured in docs/operations.md.
 */
const flags = ['--semi-space-growth-factor=1', '--heap-growing-percent=30'];

/** To be called before the operator's modules are loaded: they alone would let the young generation grow. */
export const keepHeapSmall = (): void => flags.forEach((flag) => setFlagsFromString(flag));
