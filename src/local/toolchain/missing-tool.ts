/**
 * Something that this machine would need, and lacks.
 *
 * @module
 */

/** The message is one sentence: what is missing, what for, and what to install. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}
