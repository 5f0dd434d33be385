/**
 * Log lines of the worker: one JSON object a line on standard error.
 *
 * @module
 */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, string | number>) => void;

/** Writes to standard error. */
export const logLine: Log = (level, message, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};
