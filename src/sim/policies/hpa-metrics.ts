/**
 * The HorizontalPodAutoscaler's arithmetic for each kind of metric, as the Kubernetes documentation states it. Pure.
 *
 * @module
 */

/** So that 110 against 100 is a tenth and not a rounding error more. */
const ROUNDING = 1e-9;

const isTolerated = (ratio: number, tolerance: number): boolean => Math.abs(ratio - 1) <= tolerance + ROUNDING;

export interface PodReading {
  readonly ready: boolean;
  /** Value of the metric; null when it is missing. */
  readonly value: number | null;
}

/**
 * A metric that each pod has, such as CPU, against a target for the average. Pods that are not ready count as using nothing when the
 * answer would be up, pods without a value as using nothing up and the target down; when that turns the direction, nothing moves.
 */
export const fromPods = (current: number, pods: readonly PodReading[], target: number, tolerance: number): number => {
  const values = pods.filter(({ ready }) => ready).map(({ value }) => value).filter((value) => value !== null);
  if (values.length === 0) return current;
  const sum = values.reduce((total, value) => total + value, 0);
  const ratio = sum / (values.length * target);
  const missing = pods.filter(({ ready, value }) => ready && value === null).length;
  const unready = pods.filter(({ ready }) => !ready).length;
  if (missing === 0 && (unready === 0 || ratio <= 1)) return isTolerated(ratio, tolerance) ? current : Math.ceil(ratio * values.length);
  return conservative({ current, ratio, sum, counted: values.length, missing, unready }, target, tolerance);
};

interface Incomplete {
  current: number;
  ratio: number;
  sum: number;
  counted: number;
  missing: number;
  unready: number;
}

const conservative = ({ current, ratio, sum, counted, missing, unready }: Incomplete, target: number, tolerance: number): number => {
  const isUp = ratio > 1;
  const pods = counted + missing + (isUp ? unready : 0);
  const again = (sum + (isUp ? 0 : missing * target)) / (pods * target);
  const turns = again > 1 !== isUp;
  if (isTolerated(again, tolerance) || turns) return current;
  const desired = Math.ceil(again * pods);
  return isUp === desired > current ? desired : current;
};

/** One value for the whole fleet against a target value, such as a p95. `ready` pods count as the current ones. */
export const fromValue = (current: number, ready: number, value: number, target: number, tolerance: number): number => {
  const ratio = value / target;
  return isTolerated(ratio, tolerance) ? current : Math.ceil(ratio * ready);
};

/** A sum over the fleet against a target for each pod (`AverageValue`), such as requests per second. */
export const fromAverageValue = (current: number, total: number, targetPerPod: number, tolerance: number): number => {
  const ratio = total / (targetPerPod * current);
  return isTolerated(ratio, tolerance) ? current : Math.ceil(total / targetPerPod);
};
