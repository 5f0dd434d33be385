/**
 * The same bytes out of another version of Node: the one that runs npm, where that is another. The law is copied with its types stripped, since an older Node reads
 * no TypeScript.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../../..');
const golden = join(root, 'test/fixtures/decisions/golden.jsonl');
const folder = mkdtempSync(join(tmpdir(), 'plateau-other-node-'));
const other = process.env['npm_node_execpath'] ?? process.execPath;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const imported = /(from |import )'(\.[^']+)\.ts'/gu;

/** A file and all that it imports, as JavaScript in `folder`. */
const copy = (file: string, done = new Set<string>()): void => {
  if (done.has(file)) return;
  done.add(file);
  const code = stripTypeScriptTypes(readFileSync(file, 'utf8'));
  for (const [, , name = ''] of code.matchAll(imported)) copy(resolve(dirname(file), `${name}.ts`), done);
  const target = join(folder, relative(root, file)).replace(/ts$/u, 'mjs');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code.replaceAll(imported, "$1'$2.mjs'"));
};

const script = `
import { readFileSync } from 'node:fs';
import { recommend } from './src/core/autoscale/recommend.mjs';
import { recommendInputSchema } from './src/core/decisions/input-schema.mjs';
for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\\n')) console.log(JSON.stringify(recommend(recommendInputSchema.parse(JSON.parse(line).input))));
`;

it(`answers the recorded windows alike on ${execFileSync(other, ['--version'], { encoding: 'utf8' }).trim()} and ${process.version}`, () => {
  const done = new Set<string>();
  copy(join(root, 'src/core/autoscale/recommend.ts'), done);
  copy(join(root, 'src/core/decisions/input-schema.ts'), done);
  expect(done.size).toBeGreaterThan(30);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'answer.mjs'), script);
  const answers = execFileSync(other, [join(folder, 'answer.mjs'), golden], { encoding: 'utf8' }).trim().split('\n');
  const expected = readFileSync(golden, 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { output: string }).output);
  expect(answers).toEqual(expected);
});
