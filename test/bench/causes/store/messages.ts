/**
 * What the store stand-in's process is told, and what it tells.
 *
 * @module
 */
import * as z from 'zod';

export const toStoreSchema = z.object({ places: z.int().positive().nullable(), serviceMs: z.number().positive() });
export const fromStoreSchema = z.object({ port: z.int() });
