import { describe, expect, it } from '@jest/globals';
import { errorFromAnswer, errorFromFailure } from '../../src/kube/api-errors.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const what = 'apply Deployment default/ranking';
const status = (code: number, reason: string, more: object = {}): string => JSON.stringify({ kind: 'Status', code, reason, message: 'because', ...more });

describe('errorFromAnswer', () => {
  it.each([
    [400, 'BadRequest', 'Invalid'],
    [401, 'Unauthorized', 'Unauthorized'],
    [403, 'Forbidden', 'Forbidden'],
    [404, 'NotFound', 'NotFound'],
    [408, 'Timeout', 'Unavailable'],
    [409, 'AlreadyExists', 'AlreadyExists'],
    [409, 'Conflict', 'Conflict'],
    [410, 'Expired', 'Gone'],
    [413, 'RequestEntityTooLarge', 'Invalid'],
    [415, 'UnsupportedMediaType', 'Invalid'],
    [422, 'Invalid', 'Invalid'],
    [429, 'TooManyRequests', 'TooManyRequests'],
    [500, 'InternalError', 'Unavailable'],
    [500, 'Expired', 'Gone'],
    [503, 'ServiceUnavailable', 'Unavailable'],
    [504, 'Timeout', 'Unavailable'],
    [302, 'Found', 'Malformed'],
  ])('%d %s is %s', (code, reason, kind) => {
    const error = errorFromAnswer(what, { status: code, body: status(code, reason) }, NOW);
    expect(error).toMatchObject({ kind, status: code, reason, message: `apply Deployment default/ranking: ${code} ${reason}: because` });
  });

  it.each([
    ['seconds', { retryAfter: '7', body: '' }, 7_000],
    ['a date', { retryAfter: 'Thu, 01 Jan 2026 00:00:30 GMT', body: '' }, 30_000],
    ['a date in the past', { retryAfter: 'Thu, 01 Jan 2025 00:00:30 GMT', body: '' }, 0],
    ['nonsense', { retryAfter: 'soon', body: '' }, undefined],
    ['the Status object', { body: status(429, 'TooManyRequests', { details: { retryAfterSeconds: 3 } }) }, 3_000],
    ['nothing', { body: '' }, undefined],
  ])('takes Retry-After from %s', (_from, answer, retryAfterMs) => {
    expect(errorFromAnswer(what, { status: 429, ...answer }, NOW).retryAfterMs).toBe(retryAfterMs);
  });

  it('keeps the text of a proxy that knows no Status object, but not all of it', () => {
    expect(errorFromAnswer(what, { status: 502, body: '<html>Bad Gateway</html>' }, NOW).message).toContain('<html>Bad Gateway</html>');
    expect(errorFromAnswer(what, { status: 502, body: 'x'.repeat(1e6) }, NOW).message.length).toBeLessThan(2_200);
  });
});

describe('errorFromFailure', () => {
  it('tells our own abort from a dead network, and keeps the cause', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
    expect(errorFromFailure(what, cause, false)).toMatchObject({ kind: 'Network', cause, message: expect.stringContaining('ECONNREFUSED') });
    expect(errorFromFailure(what, cause, true).kind).toBe('Aborted');
  });

  it('finds the reason inside an AggregateError that has no message', () => {
    const both = new AggregateError([new Error('refused ::1'), new Error('refused 127.0.0.1')], '');
    expect(errorFromFailure(what, both, false).message).toContain('refused ::1; refused 127.0.0.1');
  });
});
