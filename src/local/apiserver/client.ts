/**
 * The runtime's ApiClient directly on the server's storage: what the local kubelet and controllers use, without HTTP.
 *
 * @module
 */
import { clone, type Fields } from './json.ts';
import { createObject } from './engine/create.ts';
import type { EngineParts, Target, WriteContext } from './engine/context.ts';
import { deleteObject } from './engine/delete.ts';
import { readScale, scaleChange } from './engine/scale.ts';
import { applyObject, readObject, updateObject } from './engine/update.ts';
import type { KindDefinition } from './kinds/definition.ts';
import { requireKind } from './kinds/registry.ts';
import { listPage } from './storage/listing.ts';
import { startWatch } from './storage/watching.ts';
import { asKubeObject } from './storage/stored-object.ts';
import { StatusError, toApiError } from './status-error.ts';
import { ApiError, type ApiClient, type KubeObject, type ObjectKey, type ResourceType, type WriteOptions } from '../../runtime/ports.ts';

const targetOf = ({ namespace, name }: ObjectKey): Target => ({ namespace: namespace ?? '', name });
const targetOfObject = ({ metadata }: KubeObject): Target => ({ namespace: metadata.namespace ?? '', name: metadata.name ?? '' });

const contextOf = (options: WriteOptions): WriteContext => ({
  manager: options.fieldManager,
  dryRun: options.dryRun ?? false,
  subresource: options.subresource === 'status' ? 'status' : '',
  unknownFields: 'Strict',
  warnings: [],
});

/** Objects go out as copies: the stored ones are frozen, and callers of a client own what they get. */
const out = (object: Fields): KubeObject => asKubeObject(clone(object));

/** Runs one request; a refusal becomes the port's error. */
const run = async <T>(signal: AbortSignal | undefined, act: () => T): Promise<T> => {
  if (signal?.aborted === true) throw new ApiError('Aborted', 'the request was aborted before it started');
  try {
    return act();
  } catch (error) {
    throw error instanceof StatusError ? toApiError(error) : error;
  }
};

/** An ApiClient whose requests are answered at once from memory. */
export const createDirectClient = (parts: EngineParts): ApiClient => {
  const kind = (type: ResourceType): KindDefinition => requireKind(parts.kinds, type);
  return {
    get: (type, key, options) => run(options?.signal, () => out(readObject(parts, kind(type), targetOf(key)))),
    list: (type, options = {}) =>
      run(options.signal, () => {
        const { namespace, signal: _signal, continue: continueToken, ...rest } = options;
        const page = listPage(parts.storage, kind(type), { ...rest, namespace: namespace ?? '', continueToken });
        return {
          resourceVersion: page.resourceVersion,
          items: page.items.map(out),
          ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
        };
      }),
    watch: (type, { namespace, timeoutSeconds, ...rest }) => watchEvents(parts, type, { ...rest, namespace: namespace ?? '', timeoutMs: timeoutSeconds * 1000 }),
    create: (type, object, options) =>
      run(options.signal, () => {
        const { namespace } = targetOfObject(object);
        return out(createObject(parts, kind(type), { target: { namespace, name: '' }, body: object }, contextOf(options)));
      }),
    apply: (type, object, options) =>
      run(options.signal, () =>
        out(
          applyObject(
            parts,
            kind(type),
            { target: targetOfObject(object), body: object, force: options.force ?? false },
            contextOf(options),
          ),
        ),
      ),
    replace: (type, object, options) => run(options.signal, () => out(replaceObject(parts, kind(type), object, options))),
    delete: (type, key, { signal, ...options } = {}) =>
      run(signal, () => {
        deleteObject(parts, kind(type), { target: targetOf(key), ...options });
      }),
  };
};

const replaceObject = (parts: EngineParts, definition: KindDefinition, object: KubeObject, options: WriteOptions): Fields => {
  const target = targetOfObject(object);
  if (object.metadata.resourceVersion === undefined) {
    // A real server takes such a write for many kinds; the port does not, since it would overwrite changes unseen.
    throw new ApiError('Invalid', `replace of ${definition.type.kind} ${target.namespace}/${target.name} needs metadata.resourceVersion; read the object first`);
  }
  if (options.subresource === 'scale') {
    updateObject(parts, definition, { target, change: scaleChange(definition, object) }, contextOf(options));
    return readScale(definition, readObject(parts, definition, target));
  }
  return updateObject(parts, definition, { target, change: () => object, requireVersion: true }, contextOf(options));
};

type DirectWatch = Omit<Parameters<typeof startWatch>[2], 'bookmarks'>;

async function* watchEvents(parts: EngineParts, type: ResourceType, request: DirectWatch) {
  try {
    for await (const event of startWatch(parts.storage, requireKind(parts.kinds, type), { ...request, bookmarks: true })) {
      yield { type: event.type, object: out(event.object) };
    }
  } catch (error) {
    throw error instanceof StatusError ? toApiError(error) : error;
  }
}
