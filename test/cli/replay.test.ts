import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { replaySources } from '../../src/cli/replay.ts';
import { recorded } from './support/decisions.ts';
import { plateau, program } from './support/program.ts';

const lines = recorded(80);
const changed = lines.map((line, index) => (index === 10 ? line.replace(/"reason":"[A-Za-z]+","message":"/u, '"reason":"Other","message":"') : line));

// Whole programs are started, also on a machine that does much else.
jest.setTimeout(60_000);

describe('plateau replay', () => {
  const file = 'decisions.jsonl';
  const replay = async (text: readonly string[], ...settings: string[]): Promise<{ code: number; out: string }> => {
    let out = '';
    const json = settings.includes('--json');
    const bytes = (): Readable => Readable.from([Buffer.from(text.map((line) => `${line}\n`).join(''))]);
    const code = await replaySources([[file, bytes]], { json, settings: settings.filter((word) => word !== '--json') }, async (some) => void (out += some));
    return { code, out };
  };

  it('finds nothing where the law is the same', async () => {
    expect(await replay(lines)).toEqual({ code: 0, out: '80 decisions of 1 object: 0 differ\n' });
  });

  it('names what differs, when, and in what', async () => {
    const { code, out } = await replay(changed);
    expect(code).toBe(1);
    expect(out).toMatch(/^2026-03-01T00:00:50\.000Z {2}shop\/ranking {2}reason {2}"Other" → "[A-Za-z]+"\n80 decisions of 1 object: 1 differs\n$/u);
  });

  it('says the same as JSON', async () => {
    const { code, out } = await replay(changed, '--json');
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { file, line: 11, object: { namespace: 'shop', name: 'ranking', uid: 'uid-ranking' }, at: '2026-03-01T00:00:50.000Z', differences: [{ field: 'reason', was: 'Other', is: expect.any(String) }] },
      { decisions: 80, different: 1, unusable: 0, objects: [{ object: 'shop/ranking', mostReplicas: { was: 4, is: 4 } }] },
    ]);
  });

  it('names a garbage line by its number, and goes on', async () => {
    const [first = '', second = '', third = ''] = lines;
    const { code, out } = await replay([first, 'garbage', second, '', third.slice(0, 1000), '{}']);
    expect(code).toBe(2);
    expect(out.split('\n')).toEqual([
      `${file} line 2: not JSON; its 7 characters end in "garbage"`,
      expect.stringMatching(/ line 5: not JSON; its 1000 characters end in "/),
      expect.stringMatching(/ line 6: version: /),
      '2 decisions of 1 object: 0 differ, 3 lines could not be read',
      '',
    ]);
  });

  it('says that a decision differs even beside lines that cannot be read', async () => {
    expect((await replay([...changed, 'garbage'])).code).toBe(1);
  });

  it('shows what would have happened under other settings, with the memory that they leave', async () => {
    const { code, out } = await replay(lines, 'scaling.replicas.max=20');
    expect(code).toBe(0);
    expect(out).toMatch(/scale\.replicas {2}4 → [5-9]\n/u);
    expect(out).toMatch(/boundBy {2}"max" → /u);
    expect(out).toMatch(/shop\/ranking: at most 4 pods asked for then, ([5-9]|\d\d) with the settings\n80 decisions of 1 object: \d+ would differ\n$/u);
  });

  it('changes nothing when the settings are those that were', async () => {
    const { code, out } = await replay(lines, 'scaling.replicas.max=4', 'objective.p95=50ms');
    expect([code, out]).toEqual([0, 'shop/ranking: at most 4 pods asked for then, 4 with the settings\n80 decisions of 1 object: 0 would differ\n']);
  });

  it('keeps the memory of each object apart', async () => {
    const search = recorded(80, 'search');
    const mixed = lines.flatMap((line, index) => [line, search[index] ?? '']);
    const alone = (await replay(search, 'scaling.replicas.max=20')).out.split('\n').filter((line) => line.includes('  shop/search'));
    expect((await replay(mixed, 'scaling.replicas.max=20')).out.split('\n').filter((line) => line.includes('  shop/search'))).toEqual(alone);
  });

  it('gives the same bytes for the same bytes', async () => {
    const text = [...changed, 'garbage'];
    expect(await replay(text, 'objective.p95=20ms', '--json')).toEqual(await replay(text, 'objective.p95=20ms', '--json'));
  });

  it('reads standard input, and ends as the decisions do', () => {
    expect(plateau(['replay', '-', '--json'], lines.join('\n'))).toMatchObject({ code: 0, err: '' });
    expect(plateau(['replay', '-'], changed.join('\n'))).toMatchObject({ code: 1, err: '', out: expect.stringContaining('1 differs') });
    expect(plateau(['replay', '-', '--set', 'scaling.replicas.max=20'], changed.join('\n'))).toMatchObject({ code: 0, err: '', out: expect.stringContaining('would differ') });
  });

  it.each([
    ['no file', ['replay'], /name the file of decisions/],
    ['nothing in it', ['replay', '-'], /no decision in it/],
    ['a wrong flag', ['replay', 'x', '--sett=1'], /no flag --sett; did you mean --set\?/],
    ['a wrong path', ['replay', '-', '--set', 'scaling.replicas.mx=3'], /did you mean scaling\.replicas\.max\?/],
  ])('refuses %s', (_name, args, message) => {
    expect(plateau(args)).toEqual({ code: 2, out: expect.any(String), err: expect.stringMatching(message) });
  });

  it('says of which decision a setting does not fit', async () => {
    await expect(replay(lines, 'scaling.replicas.min=50')).rejects.toThrow(/^decisions\.jsonl line 1 \(shop\/ranking\): the settings do not fit the recorded spec: /u);
  });
});

describe('plateau replay, and files that cannot be used', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-replay-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const stored = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const text = `${lines.join('\n')}\n`;
  const good = stored('good.jsonl', text);
  const setting = ['--set', 'scaling.replicas.max=20'];

  it.each([
    ['one that is not there', ['/nowhere/x.jsonl'], /\/nowhere\/x\.jsonl cannot be read: ENOENT/],
    ['one that is not there, with a setting', ['/nowhere/x.jsonl', ...setting], /\/nowhere\/x\.jsonl cannot be read: ENOENT/],
    ['a second one that is not there', [good, '/nowhere/x.jsonl'], /\/nowhere\/x\.jsonl cannot be read: ENOENT/],
    ['a second one that is not there, with a setting', [good, '/nowhere/x.jsonl', ...setting], /\/nowhere\/x\.jsonl cannot be read: ENOENT/],
    ['a folder', [folder], new RegExp(`${folder} cannot be read: EISDIR`, 'u')],
    ['a folder behind a file, with a setting', [good, folder, ...setting], new RegExp(`${folder} cannot be read: EISDIR`, 'u')],
    ['a compressed one', [stored('packed.jsonl.gz', gzipSync(text))], /packed\.jsonl\.gz is compressed: unpack it first/],
    ['bytes that are no text', [stored('garbage', gzipSync(text).subarray(2))], /garbage: no decision in it/],
  ])('names %s in one sentence and ends with 2', (_name, args, sentence) => {
    const { code, err } = plateau(['replay', ...args]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(sentence) });
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('replays all but the last line of a file that ends in the middle of it', () => {
    const cut = stored('cut.jsonl', text.slice(0, -1000));
    expect(plateau(['replay', cut])).toEqual({ code: 2, err: '', out: expect.stringMatching(/cut\.jsonl line 80: not JSON; .*\n79 decisions of 1 object: 0 differ, 1 line could not be read\n$/u) });
  });

  it('does not call a full disk a difference', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'replay', good], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^plateau: standard output cannot be written: ENOSPC[^\n]*\n$/u) });
  });

  it('passes over a record that is nested too deep', () => {
    const deep = lines[0]?.replace('"output":{', `"output":{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)},`);
    expect(plateau(['replay', stored('deep.jsonl', `${deep}\n${text}`)])).toEqual({ code: 2, err: '', out: expect.stringMatching(/line 1: .*nested too deep\n80 decisions/u) });
  });
});
