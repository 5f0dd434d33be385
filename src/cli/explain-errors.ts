/** What keeps a fleet from being explained. @module */

/** One sentence that names the object or the file, and the remedy. */
export class CannotExplain extends Error {
  override readonly name = 'CannotExplain';
}
