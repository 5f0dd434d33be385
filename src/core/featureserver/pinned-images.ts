/**
 * The images that Plateau brings, pinned for each object when it is first seen: no upgrade of the operator rolls a healthy fleet.
 *
 * @module
 */
import { pooledServer } from '../../api/featureserver.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';

/** Images of this version of the operator. */
export interface OwnImages {
  readonly builtin: string;
  /** Brings the pool package to Python servers. */
  readonly pool: string;
}

/** What the object runs, each only where its kind of server needs it: the spec's own, else the pinned one, else this operator's. */
export const pinnedImages = ({ spec, status }: Pick<FeatureServer, 'spec' | 'status'>, own: OwnImages): Pick<FeatureServerStatus, 'image' | 'poolImage'> => {
  const pooled = pooledServer(spec);
  return {
    ...(spec.server.builtin === undefined ? {} : { image: spec.server.builtin.image ?? status?.image ?? own.builtin }),
    ...(pooled === undefined ? {} : { poolImage: pooled.poolImage ?? status?.poolImage ?? own.pool }),
  };
};
