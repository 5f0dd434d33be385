/**
 * The operator's own metrics in the Prometheus format, behind the library's port.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { MetricsSink } from '../runtime/ports.ts';
import type { MetricDefinition } from './metric-catalogue.ts';

/** A sink that can also forget a series: those of an object that is gone. */
export interface OperatorMetrics extends MetricsSink {
  /** Removes the series of a gauge with exactly these labels; one that does not exist is no error. */
  remove(name: string, labels: Record<string, string>): void;
  /** The page for `/metrics`, and its content type. */
  page(): Promise<{ contentType: string; body: string }>;
}

/**
 * Creates the sink; all names are declared here and now.
 *
 * @throws RangeError when a name that was not declared, or one of another type, is used: a programming error.
 */
export const createMetrics = (definitions: Readonly<Record<string, MetricDefinition>>): OperatorMetrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = declare(definitions, 'counter', (options) => new Counter({ ...options, registers: [registry] }));
  const gauges = declare(definitions, 'gauge', (options) => new Gauge({ ...options, registers: [registry] }));
  const histograms = declare(definitions, 'histogram', (options) => new Histogram({ ...options, registers: [registry] }));
  return {
    increment: (name, labels, by = 1) => find(counters, name, 'counter').inc(labels, by),
    set: (name, labels, value) => find(gauges, name, 'gauge').set(labels, value),
    observe: (name, labels, seconds) => find(histograms, name, 'histogram').observe(labels, seconds),
    remove: (name, labels) => find(gauges, name, 'gauge').remove(labels),
    page: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
};

interface Options {
  name: string;
  help: string;
  labelNames: string[];
  buckets?: number[];
}

const declare = <T>(definitions: Readonly<Record<string, MetricDefinition>>, type: MetricDefinition['type'], create: (options: Options) => T): Map<string, T> =>
  new Map(Object.entries(definitions).filter(([, definition]) => definition.type === type).map(([name, definition]) => [name, create(optionsOf(name, definition))]));

const optionsOf = (name: string, { help, labels, buckets }: MetricDefinition): Options => ({
  name,
  help,
  labelNames: [...labels],
  ...(buckets === undefined ? {} : { buckets: [...buckets] }),
});

const find = <T>(metrics: Map<string, T>, name: string, type: string): T => {
  const metric = metrics.get(name);
  if (metric === undefined) throw new RangeError(`the metric ${name} is not declared as a ${type} in src/telemetry/metric-catalogue.ts`);
  return metric;
};
