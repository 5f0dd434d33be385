/**
 * Answers.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import { StatusError } from '../status-error.ts';

/** What a handler gives back: a body, or undefined when it has written the answer itself. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
}

/** A `Warning` header as kubectl prints it: `299 - "text"`. */
const warningHeader = (text: string): string => `299 - ${JSON.stringify(text.replaceAll(/[^\x20-\x7e]/gu, '?'))}`;

export const send = (response: ServerResponse, { code, body, contentType = 'application/json', warnings = [] }: Answer): void => {
  const bytes = Buffer.from(contentType === 'text/plain' ? String(body) : JSON.stringify(body));
  if (warnings.length > 0) response.setHeader('warning', warnings.map(warningHeader));
  response.writeHead(code, { 'content-type': contentType, 'content-length': bytes.length });
  response.end(bytes);
};

/** Answers with a Status. What is no StatusError is a fault of this server: 500, with the message and without the stack. */
export const sendError = (response: ServerResponse, error: unknown): void => {
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(500, 'InternalError', `the embedded API server failed: ${error instanceof Error ? error.message : String(error)}`);
  if (response.headersSent) {
    response.end();
    return;
  }
  const { retryAfterSeconds } = status.details;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  send(response, { code: status.code, body: status.toStatus() });
};
