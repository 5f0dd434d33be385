/**
 * Where requests find the definitions of the moment.
 *
 * @module
 */
import type { Definitions } from './definitions.ts';

export interface DefinitionsSource {
  /** Those in force now: a request takes them once and keeps them to its end. */
  current(): Definitions;
}
