/**
 * The page of figures for `docs`: every table and the picture come from the JSON, so that anyone can make them again.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shapes } from './bodies.ts';
import type { Cost } from './parts/cost.ts';
import { storeDelayMs as farDelayMs, wantedP95Ms } from './parts/far-store.ts';
import type { FarStore } from './parts/far-store.ts';
import type { Memory } from './parts/memory.ts';
import { atOnce, flattensAt, plateauShape, poolSizes, storeDelayMs as nearDelayMs } from './parts/plateau.ts';
import type { PlateauPoint } from './parts/plateau.ts';
import type { Resizes } from './parts/resize.ts';
import { drawPlateaus } from './picture.ts';
import type { ServersResult } from './result.ts';

const picture = 'servers-plateau.svg';

/** Writes `servers.md` and its picture into a folder. */
export const writeDocument = (folder: string, result: ServersResult): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'servers.md'), pageOf(result));
  if (result.plateaus !== undefined) writeFileSync(join(folder, picture), drawPlateaus(result.plateaus));
};

const pageOf = ({ costs, farStore, plateaus, resizes, memory, machine, versions, secondsEach, note }: ServersResult): string =>
  [
    '# The servers, measured\n\nWritten by `npm run bench servers -- --document docs`; One run but for what a paragraph that begins with "By hand" says; all servers on the same machine, Redis as the store, no cache of results anywhere.',
    `Load comes from vegeta in a process of its own. It, Redis and the server share the cores, so absolute times say little; ratios say more. ${secondsEach} s a cell. CPU is that of all the server's processes, from /proc.`,
    `Machine: ${String(machine['cores'])} cores (${String(machine['cpu'])}), Linux ${String(machine['kernel'])}. ${Object.entries(versions).map(([name, version]) => `${name}: ${version}`).join('; ')}.`,
    note === undefined ? '' : `By hand: ${note}`,
    costs === undefined ? '' : costSection(costs),
    farStore === undefined ? '' : farSection(farStore),
    plateaus === undefined ? '' : plateauSection(plateaus),
    resizes === undefined ? '' : resizeSection(resizes),
    memory === undefined ? '' : memorySection(memory),
  ]
    .filter((part) => part !== '')
    .join('\n\n') + '\n';

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const costSection = (costs: readonly Cost[]): string => {
  const servers = [...new Set(costs.map(({ server }) => server))];
  const find = (server: string, shape: string): Cost | undefined => costs.find((cost) => cost.server === server && cost.shape === shape);
  const cpu = (server: string, shape: string): number => find(server, shape)?.cpuMsPerRequest ?? Number.NaN;
  const ratio = (server: string, shape: string): string => `${(cpu('feast', shape) / cpu(server, shape)).toFixed(1)} ×`;
  const heads = ['server', ...shapes];
  return [
    '## CPU per request\n\nMilliseconds of CPU a request at half of the server\'s own capacity in an open loop; one process. In brackets: how many times cheaper than Feast.',
    table(heads, servers.map((server) => [server, ...shapes.map((shape) => `${cpu(server, shape)} (${ratio(server, shape)})`)])),
    '### p95 at that load\n\nMilliseconds from the scheduled arrival, at the offered rate in brackets.',
    table(heads, servers.map((server) => [server, ...shapes.map((shape) => `${find(server, shape)?.p95Ms} (${find(server, shape)?.offeredPerSecond}/s)`)])),
    '### Capacity\n\nAnswered per second with 16 requests at once in a closed loop; cores used in brackets.',
    table(heads, servers.map((server) => [server, ...shapes.map((shape) => `${find(server, shape)?.capacityPerSecond} (${find(server, shape)?.coresAtCapacity})`)])),
  ].join('\n\n');
};

const farSection = (found: readonly FarStore[]): string =>
  [
    `## A store ${farDelayMs} ms away\n\nShape 1x50, two cores for everything, one or two processes (Go: GOMAXPROCS), ${farDelayMs} ms added in front of Redis by toxiproxy. The highest rate is the last of a ladder of 12 % steps whose p95 stays within ${wantedP95Ms} ms with nothing lost.`,
    table(
      ['server', 'processes', 'p50 at 2,000/s', 'p95 at 2,000/s', 'failed', 'CPU ms a request', `highest rate within ${wantedP95Ms} ms`],
      found.map(({ server, processes, at2000, cpuMsPerRequest, holdsPerSecond }) => [server, processes, at2000.p50Ms, at2000.p95Ms, at2000.failed + at2000.shed, cpuMsPerRequest, holdsPerSecond]),
    ),
  ].join('\n\n');

const plateauSection = (points: readonly PlateauPoint[]): string => {
  const servers = [...new Set(points.map(({ server }) => server))];
  const rows = servers.map((server) => {
    const own = points.filter((point) => point.server === server);
    const cells = poolSizes.map((size) => own.find(({ threads }) => threads === size)).map((point) => (point === undefined ? '' : `${point.perSecond}/s, ${point.p95Ms} ms, ${point.cores}${point.failed > 0 ? `, ${point.failed} refused` : ''}`));
    return [server, own[0]?.processes ?? 1, ...cells, flattensAt(own) ?? ''];
  });
  return [
    `## Where each server's curve flattens\n\nShape ${plateauShape}, ${atOnce} requests at once in a closed loop, a store ${nearDelayMs} ms away. Each cell: answered per second, p95, cores used, and how many were refused if any were. Queues are long enough for all of them. The last column is the smallest pool with 95 % of the best throughput.`,
    `![Throughput, p95 and cores against the size of the pool](${picture})`,
    table(['server', 'processes', ...poolSizes.map(String), 'flat from'], rows),
  ].join('\n\n');
};

const resizeSection = (all: readonly Resizes[]): string =>
  [
    '## Resizing under load\n\nFrom `PUT /pool` to its answer that the size is in force for new requests, at about a third of capacity.',
    table(['server', 'knob', 'resizes', 'p50 ms', 'p99 ms', 'requests', 'lost', 'refused'], all.map((one) => [one.server, one.knob, one.count, one.p50Ms, one.p99Ms, one.requests, one.lost, one.refused])),
  ].join('\n\n');

const memorySection = (all: readonly Memory[]): string =>
  ['## Memory\n\nMiB (PSS) of all processes of a pod with one serving process.', table(['server', 'at rest', 'under load'], all.map((one) => [one.server, one.restMiB, one.loadMiB]))].join('\n\n');
