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
  recommend: {
    summary: 'decisions per second and core through `plateau recommend`, for 1 to 1,000 pods',
    load: async () => (await import('./recommend/main.ts')).run,
  },
  visible: {
    summary: "the worker's p95 beside the load generator's at 0.5, 0.9 and 1.5 times capacity",
    load: async () => (await import('./worker/visible.ts')).run,
  },
  worker: {
    summary: 'CPU of the built-in server per request by shape, with Redis as the store',
    load: async () => (await import('./worker/cpu.ts')).run,
  },
  servers: {
    summary: 'CPU per request, p95, plateaus, resizes and memory of every server in one run: Feast, Python, Go, built-in',
    load: async () => (await import('./servers/main.ts')).run,
  },
  autoscale: {
    summary: 'Plateau beside the best tuned settings of its peers, on the fleet model: violations, pod-hours, reversals',
    load: async () => (await import('./autoscale/main.ts')).run,
  },
  causes: {
    summary: 'what limits a server, named by the law on real servers whose limit is known: confusion matrix, time, false alarms',
    load: async () => (await import('./causes/main.ts')).run,
  },
  start: {
    summary: 'seconds from `npm start` in a fresh clone to the first measured request',
    load: async () => (await import('./start/main.ts')).run,
  },
};

const usage = (): string =>
  `usage: npm run bench NAME [-- FLAGS]\n\n${Object.entries(benches)
    .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
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
