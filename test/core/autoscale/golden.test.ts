/**
 * Decisions on windows of real servers, byte for byte: a version of Node, a machine or a change of the law that answers otherwise shows here.
 * After a change of the law that is meant: PLATEAU_WRITE_GOLDEN=1 npm test -- unit test/core/autoscale/golden, and read the difference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { recommendInputSchema } from '../../../src/core/decisions/input-schema.ts';

const file = new URL('../../fixtures/decisions/golden.jsonl', import.meta.url);

/** Each line is an input and the bytes that the law answers. Recorded with `npm run bench causes`: one window of a run of each class. */
const lines = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { name: string; input: unknown; output: string });

const answer = (input: unknown): string => JSON.stringify(recommend(recommendInputSchema.parse(input)));

if (process.env['PLATEAU_WRITE_GOLDEN'] === '1') {
  writeFileSync(file, `${lines.map((line) => JSON.stringify({ ...line, output: answer(line.input) })).join('\n')}\n`);
}

it.each(lines.map((line) => [line.name, line] as const))('%s: the same bytes in give the same bytes out', (_name, { input, output }) => {
  expect(answer(input)).toBe(output);
  expect(answer(JSON.parse(JSON.stringify(input)))).toBe(output);
});
