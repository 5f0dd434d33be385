/**
 * Every metric that the operator may emit, with its help text. A name that is not here is a programming error.
 *
 * @module
 */

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, seconds; histograms only. */
  readonly buckets?: readonly number[];
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;
const counter = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'counter', help, labels });
const gauge = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'gauge', help, labels });
const histogram = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'histogram', help, labels, buckets: seconds });

/** Labels of every series about one FeatureServer. */
const fleet = ['namespace', 'name'] as const;

/** Names as controller-runtime and client-go have them. */
const library: Record<string, MetricDefinition> = {
  controller_runtime_reconcile_total: counter('Reconciles by controller and result', 'controller', 'result'),
  controller_runtime_reconcile_errors_total: counter('Reconciles that failed', 'controller'),
  controller_runtime_terminal_reconcile_errors_total: counter('Reconciles that failed and are not retried', 'controller'),
  controller_runtime_reconcile_panics_total: counter('Reconciles that threw a programming error', 'controller'),
  controller_runtime_reconcile_timeouts_total: counter('Reconciles aborted at their timeout', 'controller'),
  controller_runtime_reconcile_time_seconds: histogram('Length of a reconcile', 'controller'),
  controller_runtime_max_concurrent_reconciles: gauge('Workers of a controller', 'controller'),
  controller_runtime_active_workers: gauge('Workers that hold a key now', 'controller'),
  workqueue_adds_total: counter('Keys added to a queue', 'name'),
  workqueue_retries_total: counter('Keys added again after a failure', 'name'),
  workqueue_depth: gauge('Keys that wait', 'name'),
  workqueue_queue_duration_seconds: histogram('Time a key waits', 'name'),
  workqueue_work_duration_seconds: histogram('Time a key is worked on', 'name'),
  workqueue_unfinished_work_seconds: gauge('Sum of the ages of work under way', 'name'),
  workqueue_longest_running_processor_seconds: gauge('Age of the oldest work under way', 'name'),
  leader_election_master_status: gauge('1 while this process leads', 'name'),
  rest_client_requests_total: counter('Requests to the API server by status code and method', 'code', 'method'),
};

const plateau: Record<string, MetricDefinition> = {
  plateau_featureserver_replicas_desired: gauge('Pods last accepted', ...fleet),
  plateau_featureserver_replicas_ready: gauge('Pods that are ready', ...fleet),
  plateau_featureserver_threads_desired: gauge('Threads (or in-flight limit) asked for, per process', ...fleet),
  plateau_featureserver_pool_acknowledged_pods: gauge('Pods that run the pool configuration asked for', ...fleet),
  plateau_featureserver_p95_seconds: gauge('p95 of the whole fleet, accept to last byte', ...fleet),
  plateau_featureserver_objective_seconds: gauge('The p95 objective', ...fleet),
  plateau_featureserver_requests_per_second: gauge('Requests answered per second', ...fleet),
  plateau_featureserver_coverage_ratio: gauge('Share of the pods that report', ...fleet),
  plateau_featureserver_bottleneck: gauge('1 for the class that limits the fleet, 0 for the others', ...fleet, 'class'),
  plateau_featureserver_condition: gauge('1 for the present status of a condition, 0 for the others', ...fleet, 'condition', 'status'),
  plateau_decisions_total: counter('Moves of replicas, threads or processes', 'reason'),
  plateau_writes_total: counter('Writes to the API server by kind and field manager', 'kind', 'manager'),
  plateau_write_failures_total: counter('Writes that failed, by kind and error', 'kind', 'error'),
  plateau_events_total: counter('Events created, by type and reason', 'type', 'reason'),
  plateau_events_dropped_total: counter('Events that were repetitions or over the limit', 'why'),
  plateau_pool_pushes_total: counter('PUT /pool requests to pods by result', 'result'),
  plateau_evaluations_total: counter('Evaluations of the control law by the class they found', 'class'),
  plateau_scrapes_total: counter('Scrapes of pods by outcome', 'outcome'),
  plateau_scrape_duration_seconds: histogram('Length of a scrape, failed ones included'),
};

export const metricCatalogue: Readonly<Record<string, MetricDefinition>> = { ...library, ...plateau };
