/**
 * The log: one line for each entry, JSON for machines or text for a terminal.
 *
 * @module
 */
import { pino } from 'pino';
import type { DestinationStream, Logger as Pino } from 'pino';
import type { Logger } from '../runtime/ports.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ['json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

export interface LogOptions {
  level: LogLevel;
  format: LogFormat;
  /** Where lines go; default standard error, so that standard output stays free for results. */
  destination?: DestinationStream;
}

/** Fields whose values must never be read in a log, wherever they stand up to two levels deep. */
const secretFields = ['token', 'authorization', 'password', 'secret', 'operatorKey'];
const redacted = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** Creates the log behind the port. */
export const createLogger = ({ level, format, destination }: LogOptions): Logger => {
  const target = destination ?? pino.destination({ fd: 2, sync: true });
  const options = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: redacted, censor: '[redacted]' },
  };
  return adapt(pino(options, format === 'json' ? target : textStream(target)));
};

const adapt = (log: Pino): Logger => ({
  debug: (message, fields = {}) => log.debug(fields, message),
  info: (message, fields = {}) => log.info(fields, message),
  warn: (message, fields = {}) => log.warn(fields, message),
  error: (message, fields = {}) => log.error(fields, message),
  with: (fields) => adapt(log.child(fields)),
});

const textStream = (target: DestinationStream): DestinationStream => ({ write: (line) => target.write(`${asText(line)}\n`) });

/** `12:00:00 warn  message  key=value`; an error as its message. */
const asText = (line: string): string => {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== 'object' || entry === null) return line.trim();
  const { time, level, message, ...fields } = Object.fromEntries(Object.entries(entry));
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  return [String(time).slice(11, 19), String(level).padEnd(5), String(message), ...rest].join(' ');
};

const fieldText = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && 'message' in value) return JSON.stringify(value.message);
  return typeof value === 'string' && !/[\s"]/u.test(value) ? value : JSON.stringify(value);
};
