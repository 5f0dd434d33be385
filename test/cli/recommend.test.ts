import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, jest } from '@jest/globals';
import { answer, answerLines } from '../../src/cli/recommend.ts';
import { recommend } from '../../src/core/autoscale/recommend.ts';
import { fleet, input, pods } from '../core/autoscale/support/fleet.ts';
import { plateau, program } from './support/program.ts';

const given = input(fleet({ replicas: 2, threads: 8, processes: 1 }, pods(2, { rate: 300 })));
const line = JSON.stringify(given);

// Whole programs are started, also on a machine that does much else.
jest.setTimeout(60_000);

describe('an answer', () => {
  it('is the recommendation of the law, as one line', () => {
    expect(answer({ number: 1, text: line })).toBe(JSON.stringify(recommend(given)));
  });

  it.each([
    ['half a line', line.slice(0, 500), /^line 7: not JSON: /],
    ['garbage', 'nope', /^line 7: not JSON: /],
    ['a bare NaN, which is no JSON', line.replace('"arrivals":4500', '"arrivals":NaN'), /^line 7: not JSON: /],
    ['another object', '{"a":1}', /^line 7: spec: .*windows: .*now: /],
    ['a field of the wrong kind', line.replace('"objectiveMs":50', '"objectiveMs":"50ms"'), /^line 7: spec\.objectiveMs: .*number/],
    ['a pod without a sample field', line.replace('"sample":', '"simple":'), /^line 7: windows\.pods\[0\]\.sample: /],
  ])('to %s says what is wrong and where', (_name, text, error) => {
    expect(JSON.parse(answer({ number: 7, text }) ?? '')).toEqual({ error: expect.stringMatching(error) });
  });

  it('takes numbers that JSON cannot hold as words', () => {
    const spoilt = structuredClone(given);
    for (const { sample } of spoilt.windows.pods) if (sample !== null) Object.assign(sample, { arrivals: NaN, cpuSeconds: Infinity });
    const text = JSON.stringify(spoilt, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));
    expect(answer({ number: 1, text })).toBe(JSON.stringify(recommend(spoilt)));
  });

  it('to nothing is none, and to a line that is too long an error', () => {
    expect(answer({ number: 1, text: '  ' })).toBeUndefined();
    expect(answer({ number: 2, tooLong: 1e9 })).toContain('line 2: 1000000000 bytes are too long');
  });
});

describe('answerLines', () => {
  it('waits for a slow reader instead of holding the answers', async () => {
    const from = new PassThrough();
    const to = new PassThrough({ highWaterMark: 1000 });
    const done = answerLines(from, to);
    let sent = 0;
    for (; sent < 500 && from.write(`${line}\n`.repeat(2)); sent += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(500);
    expect(to.readableLength).toBeLessThan(100_000);
    from.end();
    to.resume();
    await done;
  });
});

describe('plateau recommend', () => {
  it('answers each line in order, and the same bytes with the same bytes', () => {
    const text = [line, 'nope', '', line].join('\n');
    const first = plateau(['recommend'], text);
    expect(first).toMatchObject({ code: 0, err: '' });
    const lines = first.out.trimEnd().split('\n');
    expect(lines).toEqual([JSON.stringify(recommend(given)), expect.stringContaining('line 2'), JSON.stringify(recommend(given))]);
    expect(plateau(['recommend'], text)).toEqual(first);
  });

  it('passes over a huge line', () => {
    const { code, out } = plateau(['recommend'], Buffer.concat([Buffer.alloc(65 << 20, 'x'), Buffer.from(`\n${line}\n`)]));
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toContain('too long for a line');
    expect(out.split('\n')[1]).toContain('"scale"');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s without a word', async (signal) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'recommend'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdin.write(`${line}\n`);
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(err).toBe('');
  });

  it('ends when nobody reads any more', async () => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'recommend'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${line}\n`);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.write(`${line}\n`.repeat(100));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(err).toBe('');
  });

  it('refuses what is compressed', () => {
    expect(plateau(['recommend'], gzipSync(line))).toEqual({ code: 2, out: '', err: expect.stringMatching(/^plateau recommend: standard input is compressed: unpack it first/u) });
  });

  it('refuses a directory, which would read as an end', () => {
    const folder = openSync(tmpdir(), 'r');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'recommend'], { stdio: [folder, 'pipe', 'pipe'], encoding: 'utf8' });
    closeSync(folder);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: 'plateau recommend: standard input is a directory\n' });
  });

  it('refuses arguments', () => {
    expect(plateau(['recommend', 'file.json'])).toMatchObject({ code: 2, err: expect.stringContaining('usage: plateau recommend') });
  });
});
