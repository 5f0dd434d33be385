/**
 * A logger and a metrics sink that remember.
 *
 * @module
 */
import type { Logger, MetricsSink } from '../../../src/runtime/ports.ts';

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** Keeps all lines, also those of loggers made by `with`. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[];
  readonly #fields: Record<string, unknown>;

  constructor(lines: LogLine[] = [], fields: Record<string, unknown> = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#add('debug', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#add('info', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#add('warn', message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#add('error', message, fields);
  }

  with(fields: Record<string, unknown>): Logger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields });
  }

  #add(level: LogLine['level'], message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}

/** Counters and gauges by `name{label="value"}`; observations as lists. */
export class RecordingMetrics implements MetricsSink {
  readonly values = new Map<string, number>();
  readonly observations = new Map<string, number[]>();

  increment(name: string, labels: Record<string, string>, by = 1): void {
    const series = seriesOf(name, labels);
    this.values.set(series, (this.values.get(series) ?? 0) + by);
  }

  set(name: string, labels: Record<string, string>, value: number): void {
    this.values.set(seriesOf(name, labels), value);
  }

  observe(name: string, labels: Record<string, string>, seconds: number): void {
    const series = seriesOf(name, labels);
    this.observations.set(series, [...(this.observations.get(series) ?? []), seconds]);
  }

  value(name: string, labels: Record<string, string>): number | undefined {
    return this.values.get(seriesOf(name, labels));
  }
}

const seriesOf = (name: string, labels: Record<string, string>): string =>
  `${name}{${Object.keys(labels).sort().map((label) => `${label}="${labels[label]}"`).join(',')}}`;
