/**
 * What can be wrong with a server, by name. One is switched on with `--fault NAME`.
 *
 * @module
 */
export const faults = [
  // The page of metrics
  'garbage-line', 'nan-sample', 'no-generation', 'arrivals-a-gauge', 'requests-without-code', 'gil-maybe', 'coarse-edges', 'no-objective-edge', 'objective-edge-stays', 'buckets-not-cumulative', 'threads-one-more',
  // What it counts
  'forgets-requests', 'never-at-rest', 'inflight-doubled', 'busy-counts-the-queue', 'store-observed-twice', 'no-cpu', 'over-objective-zero', 'latency-in-the-handler', 'falls-on-resize', 'forgets-the-dead',
  // Configuration and health
  'late-configuration', 'defaults-for-a-wrong-file', 'refuses-without-the-name', 'no-healthz', 'readyz-without-json', 'no-features',
  // PUT /pool
  'any-token', 'beginning-of-the-token', 'garbage-is-no-change', 'texts-as-numbers', 'huge-bodies', 'stale-generation', 'same-generation-other-body', 'repeat-refused', 'limits-ignored', 'limits-clamped', 'answers-before-in-force',
  'shows-a-state-without-live', 'drops-on-resize',
  // Load
  'limit-ignored', 'admin-waits-for-a-place', 'refuses-without-retry-after', 'refuses-uncounted', 'connections-for-ever', 'ages-without-jitter', 'closes-without-a-word', 'dead-stay-dead',
  // Store
  'store-lost-500', 'store-lost-unready', 'store-lost-no-word', 'store-lost-for-ever', 'store-lost-null', 'store-silent-wait',
  // SIGTERM
  'stays-ready', 'stops-accepting', 'drops-in-flight', 'exits-with-1', 'keeps-connections', 'never-ends',
] as const;
export type Fault = (typeof faults)[number];

const isFault = (name: string): name is Fault => faults.some((fault) => fault === name);

/** @throws Error when there is no such fault: a misspelt one would pass for a correct server */
export const readFault = (name: string | undefined): Fault | undefined => {
  if (name === undefined) return undefined;
  if (!isFault(name)) throw new Error(`no fault "${name}"`);
  return name;
};
