/**
 * Whether two types are one, so that the compiler holds a schema to the interface that it stands for.
 *
 * @module
 */

/** `true` when each type can stand for the other: no field is missing on either side. */
export type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
