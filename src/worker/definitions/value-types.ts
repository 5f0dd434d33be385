/**
 * Numbers of Feast's `feast.types.ValueType` that matter to a join key.
 *
 * @module
 */
export const valueType = { unknown: 0, bytes: 1, string: 2, int32: 3, int64: 4, double: 5, float: 6, bool: 7, timestamp: 8 } as const;
