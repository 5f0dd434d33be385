/**
 * Lays out the root folder of an image: `node hack/images/main.ts worker --out DIR`.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../errors.ts';
import { images } from './images.ts';

const usage = `usage: node hack/images/main.ts ${Object.keys(images).join('|')} --out DIR\n`;

const run = async (argv: string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: argv, options: { out: { type: 'string' } }, allowPositionals: true });
  const [name = ''] = positionals;
  const layOut = Object.hasOwn(images, name) ? images[name] : undefined;
  const { out } = values;
  if (layOut === undefined || out === undefined || positionals.length > 1) throw new Error(`name one image and --out\n${usage}`);
  if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty: name a folder that is, or none that exists`);
  mkdirSync(out, { recursive: true });
  await layOut(out, (line) => console.error(line));
  return 0;
};

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(`images: ${messageOf(error)}`);
  process.exitCode = 1;
}
