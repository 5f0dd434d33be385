import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RotatingFile } from '../../src/telemetry/rotating-file.ts';
import { FakeClock } from '../runtime/support/fake-clock.ts';
import { RecordingLogger } from '../runtime/support/recorders.ts';

describe('RotatingFile', () => {
  let folder: string;
  let logger: RecordingLogger;
  let clock: FakeClock;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-rotating-'));
    logger = new RecordingLogger();
    clock = new FakeClock();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = (name = 'decisions.jsonl'): string => join(folder, name);
  const opened = (more: Partial<ConstructorParameters<typeof RotatingFile>[0]> = {}): RotatingFile => new RotatingFile({ path: path(), what: 'decisions', clock, logger, ...more });
  const linesOf = (name?: string): string[] => readFileSync(path(name), 'utf8').split('\n').filter((line) => line !== '');

  it('appends, in order, also to what was there, and only for its owner', async () => {
    for (const part of ['a', 'b']) {
      const file = opened();
      for (const number of [1, 2, 3]) file.append(`${part}${number}`);
      await file.close();
    }
    expect(linesOf()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('ends half a line that a crash left', async () => {
    writeFileSync(path(), '{"half":');
    const file = opened();
    file.append('{"whole":1}');
    await file.close();
    expect(linesOf()).toEqual(['{"half":', '{"whole":1}']);
  });

  it('never holds more than twice the size, and cuts between lines', async () => {
    const file = opened({ maxBytes: 1000 });
    const line = 'x'.repeat(99);
    for (let index = 0; index < 55; index += 1) {
      file.append(line);
      if (index % 5 === 4) await new Promise((resolve) => setImmediate(resolve));
    }
    await file.close();
    for (const name of ['decisions.jsonl', 'decisions.jsonl.1']) for (const kept of linesOf(name)) expect(kept).toBe(line);
    file.append(line);
    await file.close();
    expect(linesOf().length).toBeGreaterThan(0);
  });

  it('keeps the newest when it turns', async () => {
    const file = opened({ maxBytes: 40 });
    for (let index = 0; index < 20; index += 1) {
      file.append(`line-${String(index).padStart(4, '0')}`);
      await file.close();
    }
    const kept = [...linesOf('decisions.jsonl.1'), ...linesOf()];
    expect(kept.at(-1)).toBe('line-0019');
    expect(kept.length).toBeLessThan(10);
    for (const name of ['decisions.jsonl', 'decisions.jsonl.1']) expect(statSync(path(name)).size).toBeLessThanOrEqual(40);
  });

  it('says once that it cannot write, goes on, and says when it can again', async () => {
    mkdirSync(path('taken'));
    const file = opened({ path: path('taken') });
    file.append('1');
    await file.close();
    file.append('2');
    await clock.advance(31_000);
    file.append('3');
    await file.close();
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([['warn', expect.stringMatching(/^decisions cannot be written to .*taken and are lost until they can: EISDIR/)]]);
    rmSync(path('taken'), { recursive: true });
    await clock.advance(31_000);
    file.append('4');
    await file.close();
    expect(logger.lines.at(-1)).toMatchObject({ level: 'info', message: expect.stringContaining('again; 3 were lost') });
    expect(linesOf('taken')).toEqual(['4']);
  });

  it('survives a full disk', async () => {
    const file = opened({ path: '/dev/full' });
    for (let index = 0; index < 10; index += 1) file.append('x'.repeat(100));
    await file.close();
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.message).toContain('ENOSPC');
  });

  it('holds only so much for a slow disk', async () => {
    const file = opened({ maxWaiting: 100 });
    for (let index = 0; index < 50; index += 1) file.append(`${index}`.padStart(10, '0'));
    await file.close();
    expect(linesOf().length).toBeLessThan(20);
    expect(logger.lines[0]?.message).toContain('too slow');
  });
});
