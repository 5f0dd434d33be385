/**
 * Parsed forms of cached objects. Objects in a store are frozen and replaced as a whole, so that what was read from one
 * can be kept beside it for as long as it lives.
 *
 * @module
 */
import * as z from 'zod';
import { featureServerSchema } from '../../api/featureserver.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import { deploymentFacts } from '../../core/featureserver/deployment-facts.ts';
import { podFacts } from '../../core/featureserver/pod-facts.ts';
import type { KubeObject } from '../../runtime/ports.ts';

const memoized = <T>(compute: (object: KubeObject) => T): ((object: KubeObject) => T) => {
  const known = new WeakMap<KubeObject, { value: T }>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found.value;
    const value = compute(object);
    known.set(object, { value });
    return value;
  };
};

/** The object as the schema reads it, or in one line what is wrong with it: an object of a newer CRD, for instance. */
export type Parsed = { ok: true; featureServer: FeatureServer } | { ok: false; problem: string };

export const parseFeatureServer = memoized((object): Parsed => {
  const result = featureServerSchema.safeParse(object);
  return result.success ? { ok: true, featureServer: result.data } : { ok: false, problem: z.prettifyError(result.error).replaceAll('\n', '; ') };
});

export const deploymentFactsOf = memoized(deploymentFacts);
export const podFactsOf = memoized(podFacts);
