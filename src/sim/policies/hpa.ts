/**
 * Policies on a HorizontalPodAutoscaler: on CPU, on the p95 from Prometheus, and on requests per second through KEDA.
 *
 * @module
 */
import type { Bounds, Decision, FleetView, Policy } from '../policy.ts';
import { HpaBehaviour } from './hpa-behaviour.ts';
import type { Behaviour } from './hpa-behaviour.ts';
import { fromAverageValue, fromPods, fromValue } from './hpa-metrics.ts';
import { p95Ms, requestsPerSecond } from './measurements.ts';

export interface HpaSettings {
  readonly bounds: Bounds;
  readonly behaviour: Behaviour;
  readonly tolerance: number;
  readonly syncSeconds: number;
  /** Factor on the scrapes of 15 s, the CPU over 15 s and the rates over a minute; 1 when absent. */
  readonly pace?: number;
}

/** Scrapes as metrics-server and many a Prometheus are set, seconds. */
const SCRAPE_SECONDS = 15;
/** Newest two scrapes, and the minute that a rate over Prometheus usually takes. Seconds. */
const RESOURCE_WINDOW = 15;
const RATE_WINDOW = 60;

interface Wish {
  replicas: number;
  reason: string;
  inputs: Record<string, unknown>;
}

type Wishes = (view: FleetView) => Wish;

const hpa = (name: string, settings: HpaSettings, wish: Wishes): Policy => {
  const behaviour = new HpaBehaviour(settings.behaviour, settings.bounds);
  return {
    name,
    periodSeconds: settings.syncSeconds,
    scrapeSeconds: SCRAPE_SECONDS * (settings.pace ?? 1),
    decide: (view): Decision => {
      const { replicas, reason, inputs } = wish(view);
      const limited = behaviour.apply(view.now, view.scale.replicas, replicas);
      return { scale: { ...view.scale, replicas: limited }, reason, inputs: { ...inputs, desired: replicas } };
    },
  };
};

/** @param target percent of the CPU request @param requestCores of a pod; null takes its limit, or one core where it has none */
export const hpaCpu = (settings: HpaSettings, target: number, requestCores: number | null): Policy =>
  hpa('hpa-cpu', settings, (view) => {
    const window = view.window(RESOURCE_WINDOW * (settings.pace ?? 1));
    const request = requestCores ?? view.coreLimit ?? 1;
    const pods = window.pods.map(({ ready, sample }) => ({ ready, value: sample === null ? null : (100 * sample.cpuSeconds) / sample.seconds / request }));
    const known = pods.map(({ value }) => value).filter((value) => value !== null);
    const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    return { replicas: fromPods(view.scale.replicas, pods, target, settings.tolerance), reason: mean === null ? 'NoMetrics' : 'CpuUtilization', inputs: { cpuPercent: mean } };
  });

export const hpaP95 = (settings: HpaSettings, targetMs: number): Policy =>
  hpa('hpa-p95', settings, (view) => {
    const window = view.window(RATE_WINDOW * (settings.pace ?? 1));
    const value = p95Ms(window);
    const { replicas } = view.scale;
    return { replicas: value === null ? replicas : fromValue(replicas, window.readyReplicas, value, targetMs, settings.tolerance), reason: value === null ? 'NoMetrics' : 'P95', inputs: { p95Ms: value } };
  });

/**
 * KEDA hands the metric to an HPA; it asks for it anew every `pollingSeconds`. Its cooldown concerns the step from one pod to none,
 * which fleets here do not take.
 */
export const kedaRps = (settings: HpaSettings, targetPerPod: number, pollingSeconds: number): Policy => {
  let polled: { at: number; value: number | null } = { at: -Infinity, value: null };
  return hpa('keda-rps', settings, (view) => {
    if (view.now - polled.at >= pollingSeconds) polled = { at: view.now, value: requestsPerSecond(view.window(RATE_WINDOW * (settings.pace ?? 1))) };
    const { value } = polled;
    const { replicas } = view.scale;
    return { replicas: value === null ? replicas : fromAverageValue(replicas, value, targetPerPod, settings.tolerance), reason: value === null ? 'NoMetrics' : 'RequestsPerSecond', inputs: { requestsPerSecond: value } };
  });
};
