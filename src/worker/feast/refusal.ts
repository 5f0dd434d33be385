/**
 * What Feast answers when it refuses a request, byte for byte as its clients parse it.
 * Recorded from a Feast 0.66 server: test/fixtures/feast/http.json.
 *
 * @module
 */
import { stringifyExact } from './exact-json.ts';

/** An answer that ends the work on a request; thrown through the request path. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(body);
    this.status = status;
    this.body = body;
  }
}

/** One entry of FastAPI's `detail` list. */
export interface ValidationProblem {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

/** 422 with FastAPI's detail list. */
export function invalid(problems: ValidationProblem[]): Refusal {
  return new Refusal(422, echo(problems) ?? echo(problems.map((problem) => ({ ...problem, input: null }))) ?? '{"detail":[]}');
}

function echo(problems: ValidationProblem[]): string | undefined {
  try {
    return stringifyExact({ detail: problems });
  } catch {
    return undefined; // nested too deep to be echoed
  }
}

/** A Feast exception that its SDK rebuilds by class name: a JSON string that itself holds JSON. */
export function feastError(status: number, className: string, message: string): Refusal {
  const inner = `{"module": "feast.errors", "class": ${JSON.stringify(className)}, "message": ${JSON.stringify(message)}}`;
  return new Refusal(status, JSON.stringify(inner));
}

/** A plain Python exception: status 500 and its text as a JSON string. Clients' mistakes are 500s in Feast. */
export function pythonError(message: string): Refusal {
  return new Refusal(500, JSON.stringify(message));
}

/** What Starlette answers for routes, methods and sizes: `{"detail": …}`. */
export function plainDetail(status: number, detail: string): Refusal {
  return new Refusal(status, JSON.stringify({ detail }));
}

/** Python's `repr` of a string: `KeyError` messages are shown through it. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** Python's `repr` of a list of strings. */
export function pythonList(items: readonly string[]): string {
  return `[${items.map(pythonRepr).join(', ')}]`;
}
