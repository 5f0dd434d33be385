/** What was caught, told apart without `instanceof`: in a test every file has an Error of its own, and Node's errors are none of it. @module */

/** The message of an error, or the thing itself as text. */
export const messageOf = (thrown: unknown): string => (Error.isError(thrown) ? thrown.message.trim() : String(thrown));

/** A named property of an error, as `code` or `errcode`. */
export const propertyOf = (thrown: unknown, name: string): unknown => (Error.isError(thrown) ? Reflect.get(thrown, name) : undefined);
