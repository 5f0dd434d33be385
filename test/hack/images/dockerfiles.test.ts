/** Rules for the Dockerfiles, which no test can build here. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { images } from '../../../hack/images/images.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** Instructions with lines joined that end in a backslash, comments left out. */
const instructions = (text: string): Instruction[] =>
  text
    .replaceAll(/^#.*\n/gmu, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name = '', words = ''] = /^(?<name>[A-Z]+)\s+(?<words>.*)$/u.exec(line.trim()) ?? [];
      return name === '' ? [] : [{ name, words: words.trim() }];
    });

const names = readdirSync(new URL('images/', root));
const nodeVersion = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) }).parse(JSON.parse(read('package-lock.json'))).packages['node_modules/node']?.version;

it('there is a Dockerfile for each image that can be laid out, and no other', () => {
  expect(names.toSorted()).toEqual(Object.keys(images).toSorted());
});

describe.each(names)('images/%s/Dockerfile', (name) => {
  const all = instructions(read(`images/${name}/Dockerfile`));
  const bases = all.filter(({ name: instruction }) => instruction === 'FROM');
  const lastFrom = all.findLastIndex(({ name: instruction }) => instruction === 'FROM');
  const final = all.slice(lastFrom + 1);
  const finalWords = (instruction: string): string[] => final.filter((entry) => entry.name === instruction).map(({ words }) => words);

  it('is built in stages, of which only the outcome is kept', () => {
    expect(bases.length).toBeGreaterThan(1);
    expect(finalWords('COPY').every((words) => words.startsWith('--from='))).toBe(true);
    expect(finalWords('RUN')).toEqual([]);
    expect(finalWords('ADD')).toEqual([]);
  });

  it('pins its bases to a version, the Node of them to that of this project', () => {
    for (const { words } of bases) {
      expect(words).toMatch(/^[a-z0-9./-]+:\d+\.\d+\.\d+[a-z0-9.-]*(?: AS [a-z]+)?$/u);
      if (words.startsWith('node:')) expect(words).toContain(`node:${nodeVersion ?? ''}-`);
    }
  });

  it('runs as the user that the operator proposes, by number, so that the kubelet can tell that it is not root', () => {
    expect(finalWords('USER')).toEqual(['65532:65532']);
  });

  it('has an entry point without a shell', () => {
    expect(finalWords('ENTRYPOINT').map((words): unknown => JSON.parse(words))).toEqual([expect.arrayContaining([expect.any(String)])]);
  });

  it('names no secret and takes none', () => {
    const text = read(`images/${name}/Dockerfile`);
    expect(text).not.toMatch(/--mount=type=secret|\b(?:ARG|ENV)\s+\S*(?:TOKEN|PASSWORD|SECRET|KEY)/iu);
  });

  it('lays out its own image', () => {
    const lays = all.filter(({ name: instruction, words }) => instruction === 'RUN' && words.includes('hack/images/main.ts'));
    expect(lays.map(({ words }) => words)).toEqual([`node hack/images/main.ts ${name} --out /image`]);
  });

  it('finds everything that it copies in the build context', () => {
    const copied = all.slice(0, lastFrom).filter(({ name: instruction }) => instruction === 'COPY').flatMap(({ words }) => words.split(' ').slice(0, -1));
    expect(copied.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});

it('the build context is a list of what may be in it', () => {
  const lines = read('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines[0]).toBe('*');
  for (const path of lines.filter((line) => line.startsWith('!'))) expect(existsSync(new URL(path.slice(1), root))).toBe(true);
});
