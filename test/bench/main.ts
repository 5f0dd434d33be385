/**
 * `npm run bench NAME [FLAGS]`: each benchmark prints a table and writes JSON with the machine, the versions and both
 * sides of every ratio.
 *
 * @module
 */
import { suggest } from '../../src/cli/suggest.ts';

/** Takes the flags behind the benchmark's name, resolves to the exit code. */
type Bench = (argv: string[]) => Promise<number>;

const benches: Record<string, { summary: string; load: () => Promise<Bench> }> = {
  scrape: {
    summary: 'pods scraped and parsed per second and core, beside the bare HTTP ceiling',
    load: async () => (await import('./scrape/main.ts')).run,
  },
  fleet: {
    summary: '1,000 FeatureServers on a real kube-apiserver: time, requests per object, memory, CPU at rest, event to write',
    load: async () => (await import('./fleet/main.ts')).run,
  },
  visible: {
    summary: "the worker's p95 beside the load generator's at 0.5, 0.9 and 1.5 times capacity",
    load: async () => (await import('./worker/visible.ts')).run,
  },
  start: {
    summary: 'seconds from `npm start` in a fresh clone to the first measured request',
    load: async () => (await import('./start/main.ts')).run,
  },
};

const usage = (): string =>
  `usage: npm run bench NAME [-- FLAGS]\n\n${Object.entries(benches)
    .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
    .join('\n')}\n`;

const [name = '', ...argv] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  const near = suggest(name, Object.keys(benches));
  process.stderr.write(`${name === '' ? '' : `no benchmark "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}\n\n`}${usage()}`);
  process.exitCode = 2;
} else {
  const run = await bench.load();
  process.exitCode = await run(argv);
}
