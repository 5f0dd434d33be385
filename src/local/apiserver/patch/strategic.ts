import type { Schema } from '../schema/schema.ts';
import { mergePatch } from './merge-patch.ts';
export const strategicMergePatch = (_schema: Schema, value: unknown, patch: unknown): unknown => mergePatch(value, patch);
