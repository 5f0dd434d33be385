/** What the generated feature repositories hold, as `build.py` prints it. @module */
import * as z from 'zod';

/** Values are JSON text: an int64 beyond 2^53 would not survive as a number. */
const jsonText = z.string();

const viewSchema = z.object({
  name: z.string(),
  joinKeys: z.array(z.string()),
  features: z.array(z.string()),
  /** Join key values of the rows that were written, in the order of `joinKeys`. */
  rows: z.array(z.array(jsonText)),
});

export const catalogueSchema = z.object({
  project: z.string(),
  views: z.array(viewSchema),
  services: z.array(z.string()),
  /** Values to ask for, by join key; not every view holds a row for each. */
  joinKeys: z.record(z.string(), z.array(jsonText)),
  entityNames: z.array(z.string()),
});

export type Catalogue = z.infer<typeof catalogueSchema>;
export type CatalogueView = z.infer<typeof viewSchema>;
