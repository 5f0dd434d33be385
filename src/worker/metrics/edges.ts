/**
 * Bucket edges of the protocol's histograms: 1 ms to 2 s at a ratio of at most 1.25, and one exactly at the objective.
 *
 * @module
 */
const steps = 35;
const firstSeconds = 0.001;
const lastSeconds = 2;

/** 36 edges, ratio 1.243, rounded to four digits so that all pods and versions agree to the letter. */
export const fixedEdges: readonly number[] = Array.from({ length: steps + 1 }, (_, step) =>
  Number((firstSeconds * (lastSeconds / firstSeconds) ** (step / steps)).toPrecision(4)),
);

/**
 * Edges in seconds, ascending.
 * @param objectiveMs the p95 objective that the pod was told
 */
export function edgesFor(objectiveMs: number): number[] {
  const objective = objectiveMs / 1000;
  return [...new Set([...fixedEdges, objective])].sort((a, b) => a - b);
}
