import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/telemetry/logger.ts';

const logged = (format: 'json' | 'text', write: (log: ReturnType<typeof createLogger>) => void): string[] => {
  const lines: string[] = [];
  write(createLogger({ level: 'info', format, destination: { write: (line) => void lines.push(line) } }));
  return lines;
};

describe('createLogger', () => {
  it('writes one JSON object a line, with level, time, message and fields', () => {
    const [line = ''] = logged('json', (log) => log.with({ fleet: 'ranking' }).warn('the store is slow', { ms: 7, error: new Error('late') }));
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', message: 'the store is slow', fleet: 'ranking', ms: 7, time: expect.stringMatching(/Z$/u), error: { message: 'late' } });
  });

  it('never writes a secret', () => {
    const lines = logged('json', (log) => log.info('x', { token: 'hidden-1', request: { authorization: 'hidden-2', deep: { password: 'hidden-3' } } }));
    expect(lines.join()).not.toContain('hidden');
  });

  it('leaves lower levels out, and writes text for people', () => {
    expect(logged('text', (log) => { log.debug('no'); log.info('created', { reason: 'Created', what: 'a Service' }); })).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d info {2}created reason=Created what="a Service"\n$/u)]);
  });
});
