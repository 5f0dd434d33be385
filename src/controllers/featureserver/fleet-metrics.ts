/**
 * The operator's metrics about each fleet: the status as numbers.
 *
 * @module
 */
import { conditionOrder } from '../../api/conditions.ts';
import { durationMs } from '../../api/duration.ts';
import { bottleneckClasses } from '../../api/featureserver-status.ts';
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import type { OperatorMetrics } from '../../telemetry/metrics.ts';

const gauges = [
  'plateau_featureserver_replicas_desired',
  'plateau_featureserver_replicas_ready',
  'plateau_featureserver_threads_desired',
  'plateau_featureserver_pool_acknowledged_pods',
  'plateau_featureserver_objective_seconds',
] as const;
/** Unknown is not zero: a series that cannot be told is taken away. */
const measuredGauges = ['plateau_featureserver_p95_seconds', 'plateau_featureserver_requests_per_second', 'plateau_featureserver_coverage_ratio'] as const;

export class FleetMetrics {
  readonly #sink: OperatorMetrics;

  constructor(sink: OperatorMetrics) {
    this.#sink = sink;
  }

  /** Shows a status. */
  show({ metadata, spec }: FeatureServer, status: FeatureServerStatus): void {
    const labels = { namespace: metadata.namespace, name: metadata.name };
    this.#sink.set('plateau_featureserver_objective_seconds', labels, durationMs(spec.objective.p95) / 1000);
    this.#counted(labels, status);
    this.#measured(labels, status);
    for (const name of bottleneckClasses) this.#sink.set('plateau_featureserver_bottleneck', { ...labels, class: name }, status.bottleneck?.class === name ? 1 : 0);
    for (const { type, status: present } of status.conditions ?? []) {
      for (const value of ['True', 'False', 'Unknown']) this.#sink.set('plateau_featureserver_condition', { ...labels, condition: type, status: value }, present === value ? 1 : 0);
    }
  }

  /** A move of replicas, threads or processes was made. */
  moved(reason: string): void {
    this.#sink.increment('plateau_decisions_total', { reason });
  }

  /** Takes all series of an object away that is gone. */
  forget(namespace: string, name: string): void {
    for (const gauge of [...gauges, ...measuredGauges]) this.#sink.remove(gauge, { namespace, name });
    for (const value of bottleneckClasses) this.#sink.remove('plateau_featureserver_bottleneck', { namespace, name, class: value });
    for (const condition of conditionOrder) {
      for (const status of ['True', 'False', 'Unknown']) this.#sink.remove('plateau_featureserver_condition', { namespace, name, condition, status });
    }
  }

  #counted(labels: { namespace: string; name: string }, { desiredReplicas, readyReplicas, threads }: FeatureServerStatus): void {
    this.#sink.set('plateau_featureserver_replicas_desired', labels, desiredReplicas ?? 0);
    this.#sink.set('plateau_featureserver_replicas_ready', labels, readyReplicas ?? 0);
    this.#sink.set('plateau_featureserver_threads_desired', labels, threads?.desired ?? 0);
    this.#sink.set('plateau_featureserver_pool_acknowledged_pods', labels, threads?.acknowledgedPods ?? 0);
  }

  #measured(labels: { namespace: string; name: string }, { observed }: FeatureServerStatus): void {
    const p95 = observed?.p95 === undefined ? undefined : durationMs(observed.p95) / 1000;
    const values = [p95, observed?.requestsPerSecond, observed?.coverage];
    measuredGauges.forEach((name, index) => {
      const value = values[index];
      if (value === undefined) this.#sink.remove(name, labels);
      else this.#sink.set(name, labels, value);
    });
  }
}
