/**
 * Writes every generated file, or with `--check` compares: `npm run generate [-- --check]`.
 *
 * @module
 */
import { generate } from './generate.ts';

const root = new URL('../../', import.meta.url);
const args = process.argv.slice(2);
const unknown = args.find((argument) => argument !== '--check');

if (unknown === undefined) {
  const { code, lines } = generate(root, args.includes('--check'));
  for (const line of lines) (code === 0 ? console.log : console.error)(line);
  process.exitCode = code;
} else {
  console.error(`generate: no flag "${unknown}"; use: npm run generate [-- --check]`);
  process.exitCode = 2;
}
