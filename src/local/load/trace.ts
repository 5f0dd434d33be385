/**
 * Request-rate traces: CSV files with the columns `seconds,requests_per_second`.
 *
 * @module
 */

export interface TracePoint {
  readonly seconds: number;
  /** Requests per second from this moment on. */
  readonly rate: number;
}

/** At least one point, ascending in time, the first at 0. */
export interface Trace {
  readonly points: readonly TracePoint[];
  /** Length of the trace, seconds: the last point lasts as long as the one before it. */
  readonly lengthSeconds: number;
}

/** A trace file that cannot be read; the message names the line and what to do. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

export const traceHeader = 'seconds,requests_per_second';
const maxPoints = 1_000_000;
const number = /^\s*[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\s*$/u;

/**
 * Reads a trace.
 *
 * @param name what to call the file in errors
 * @throws TraceError naming file, line and remedy
 */
export const parseTrace = (text: string, name: string): Trace => {
  const [header = '', ...lines] = text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
  if (header.trim() !== traceHeader) throw new TraceError(`${name}:1: the first line must be "${traceHeader}"`);
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length === 0) throw new TraceError(`${name}: no data; add lines like "0,120"`);
  if (lines.length > maxPoints) throw new TraceError(`${name}: ${lines.length} points are more than ${maxPoints}; take fewer`);
  const points: TracePoint[] = [];
  for (const [index, line] of lines.entries()) points.push(parseLine(line, `${name}:${index + 2}`, points.at(-1)));
  return startAtZero(points);
};

const parseLine = (line: string, at: string, before: TracePoint | undefined): TracePoint => {
  const [seconds = '', rate = '', ...more] = line.split(',');
  if (more.length > 0 || !number.test(seconds) || !number.test(rate)) {
    throw new TraceError(`${at}: "${line.slice(0, 60)}" is not "seconds,requests_per_second" with two numbers of at least 0`);
  }
  const point = { seconds: Number(seconds), rate: Number(rate) };
  if (!Number.isFinite(point.seconds) || !Number.isFinite(point.rate)) throw new TraceError(`${at}: a number is too large`);
  if (before !== undefined && point.seconds <= before.seconds) {
    throw new TraceError(`${at}: ${point.seconds} s does not come after ${before.seconds} s; sort the lines by time`);
  }
  return point;
};

const startAtZero = (points: readonly TracePoint[]): Trace => {
  const first = points[0]?.seconds ?? 0;
  const moved = points.map(({ seconds, rate }) => ({ seconds: seconds - first, rate }));
  const last = moved.at(-1)?.seconds ?? 0;
  const step = last - (moved.at(-2)?.seconds ?? last - 1);
  return { points: moved, lengthSeconds: last + step };
};

/** How a trace becomes load: the whole trace passes in `durationSeconds`, again and again, each rate times `scale`. */
export interface Replay {
  readonly trace: Trace;
  readonly durationSeconds: number;
  readonly scale: number;
}

/** Requests per second at `seconds` after the start of the replay: the point in force, as the trace has it, times the scale. */
export const rateAt = ({ trace, durationSeconds, scale }: Replay, seconds: number): number => {
  const position = ((Math.max(0, seconds) % durationSeconds) / durationSeconds) * trace.lengthSeconds;
  return (trace.points[indexAt(trace.points, position)]?.rate ?? 0) * scale;
};

const indexAt = (points: readonly TracePoint[], seconds: number): number => {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((points[middle]?.seconds ?? Number.POSITIVE_INFINITY) <= seconds) low = middle;
    else high = middle - 1;
  }
  return low;
};
