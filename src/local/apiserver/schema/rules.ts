import type { Cause } from '../status-error.ts';
import type { Fields } from '../json.ts';
import type { Schema } from './schema.ts';
export const checkRules = (_schema: Schema, _object: Fields, _old: Fields | undefined): readonly Cause[] => [];
