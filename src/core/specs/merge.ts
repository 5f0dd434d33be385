/**
 * Merges a partial object over another, as `kubectl patch` does with a strategic merge: maps deeply, the lists below by their key,
 * all other lists as a whole. `null` removes.
 *
 * @module
 */

export type JsonObject = Record<string, unknown>;

/** Lists whose entries are known by a key, as in the API's own patch strategies. */
const listKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  volumes: 'name',
  imagePullSecrets: 'name',
};

/** A volume has one source: merging two of them would give a volume with both, which is none. */
const replacedWhole: ReadonlySet<string> = new Set(['volumes', 'env']);

/** A probe or hook does one thing: whoever says another one means it instead, not as well. */
const handlers: readonly string[] = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

/** True for a plain JSON object. */
export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const mergeLists = (field: string, key: string, base: readonly unknown[], overlay: readonly unknown[]): unknown[] => {
  const overlaid = new Map(overlay.filter(isJsonObject).map((entry) => [entry[key], entry]));
  const merged = base.map((entry) => {
    const over = isJsonObject(entry) ? overlaid.get(entry[key]) : undefined;
    if (!isJsonObject(entry) || over === undefined) return entry;
    overlaid.delete(entry[key]);
    return replacedWhole.has(field) ? over : mergeObjects(entry, over);
  });
  return [...merged, ...overlaid.values()];
};

const mergeField = (field: string, base: unknown, overlay: unknown): unknown => {
  if (isJsonObject(base) && isJsonObject(overlay)) return mergeObjects(base, overlay);
  const key = listKeys[field];
  if (key !== undefined && Array.isArray(base) && Array.isArray(overlay)) return mergeLists(field, key, base, overlay);
  return overlay;
};

const withoutHandlers = (base: JsonObject): JsonObject => Object.fromEntries(Object.entries(base).filter(([field]) => !handlers.includes(field)));

const replacesHandler = (base: JsonObject, overlay: JsonObject): boolean =>
  handlers.some((handler) => isJsonObject(overlay[handler]) && base[handler] === undefined);

/** `overlay` over `base`; neither is changed. */
export const mergeObjects = (base: JsonObject, overlay: JsonObject): JsonObject => {
  const merged: JsonObject = replacesHandler(base, overlay) ? withoutHandlers(base) : { ...base };
  for (const [field, value] of Object.entries(overlay)) {
    if (value === null) delete merged[field];
    else merged[field] = mergeField(field, base[field], value);
  }
  return merged;
};
