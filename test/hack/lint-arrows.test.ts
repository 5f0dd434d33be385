import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const rooms = ['api', 'core', 'runtime', 'kube', 'controllers', 'telemetry', 'worker', 'local', 'conformance', 'sim'] as const;
type Room = (typeof rooms)[number];

/** The table of docs/architecture.md. */
const mayImport: Record<Room, readonly string[]> = {
  api: [],
  core: ['api'],
  runtime: [],
  kube: ['runtime'],
  controllers: ['api', 'core', 'runtime', 'telemetry'],
  telemetry: ['runtime'],
  worker: ['api'],
  local: ['api', 'runtime'],
  conformance: ['api', 'local', 'runtime'],
  sim: ['api', 'core'],
};

interface Case {
  room: string;
  code: string;
  refused: boolean;
}

const fromRoom = (room: Room, target: string): Case => ({
  room,
  code: `import { a } from '../../${target}/ports.ts';\nexport const x = a;`,
  refused: target !== room && !mayImport[room].includes(target),
});
const arrows = rooms.flatMap((room) => [...rooms, 'cli'].map((target) => fromRoom(room, target)));

const value = "import { KubeConfig } from '@kubernetes/client-node';\nexport const x = KubeConfig;";
const type = "import type { V1Pod } from '@kubernetes/client-node';\nexport type X = V1Pod;";
const kubernetesClient: Case[] = [
  ...[...rooms, 'cli'].map((room) => ({ room, code: value, refused: room !== 'kube' })),
  ...rooms.map((room) => ({ room, code: type, refused: room === 'worker' })),
  { room: 'runtime', code: "import { KubeConfig } from '@kubernetes/client-node/dist/index.js';\nexport const x = KubeConfig;", refused: true },
  { room: 'controllers', code: "export const x = await import('@kubernetes/client-node');", refused: true },
];

const refusedInCore = [
  "export * from '../../runtime/keys.ts';",
  "import type { Clock } from '../../runtime/ports.ts';\nexport type X = Clock;",
  "export const x = await import('../../runtime/keys.ts');",
  'export const x = Date.now();',
  'export const x = new Date();',
  'export const x = Date();',
  'export const x = performance.now();',
  'export const x = () => setTimeout(() => undefined, 1);',
  'export const x = () => setInterval(() => undefined, 1);',
  'export const x = () => setImmediate(() => undefined);',
  'export const x = () => globalThis.setTimeout(() => undefined, 1);',
  'export const x = Math.random();',
  'const { random } = Math;\nexport const x = random();',
  'export const x = crypto.randomUUID();',
  "import { randomUUID } from 'node:crypto';\nexport const x = randomUUID();",
  "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;",
  "import { readFileSync } from 'fs';\nexport const x = readFileSync;",
  "import { request } from 'undici';\nexport const x = request;",
  'export const x = process.env;',
  "export const x = () => fetch('http://127.0.0.1');",
  "export const x = () => console.log('');",
];
const allowedInCore = [
  "import { createHmac } from 'node:crypto';\nexport const x = createHmac;",
  "import * as z from 'zod';\nexport const x = z.string();",
  'export const x = (now: number): string => new Date(now).toISOString();',
];
const core: Case[] = [
  ...refusedInCore.map((code) => ({ room: 'core', code, refused: true })),
  ...allowedInCore.map((code) => ({ room: 'core', code, refused: false })),
];

const others: Case[] = [
  ...(['telemetry', 'kube'] as const).map((room) => ({ room, code: "import { Store } from '../../runtime/store.ts';\nexport const x = Store;", refused: true })),
  ...rooms.map((room) => ({ room, code: "import { runOperator } from '../../main.ts';\nexport const x = runOperator;", refused: true })),
  { room: 'api', code: "import type { Platform } from '../../operator-options.ts';\nexport type X = Platform;", refused: true },
];

/** A model that shared the law's estimators could not prove it wrong. */
const model: Case[] = [
  { room: 'sim', code: "import { recommend } from '../../core/autoscale/recommend.ts';\nexport const x = recommend;", refused: true },
  { room: 'sim', code: "import { quantile } from '../../core/autoscale/histogram.ts';\nexport const x = quantile;", refused: true },
  { room: 'sim', code: "import type { PodSample } from '../../core/autoscale/types.ts';\nexport type X = PodSample;", refused: false },
  { room: 'sim', code: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", refused: true },
  { room: 'sim', code: 'export const x = Date.now();', refused: true },
  { room: 'sim', code: 'export const x = Math.random();', refused: true },
];

const cases = [...arrows, ...kubernetesClient, ...core, ...model, ...others];

describe('lint holds the arrows of docs/architecture.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-arrows-'));
  const fileOf = (index: number): string => `src/${cases[index]?.room ?? ''}/part/case-${index}.ts`;
  let refusals: string;

  // All cases in one run of oxlint: its start takes longer than its work.
  beforeAll(() => {
    for (const path of ['.oxlintrc.json', 'hack/lint']) cpSync(join(root, path), join(folder, path), { recursive: true });
    cases.forEach(({ code }, index) => {
      const file = join(folder, fileOf(index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${code}\n`);
    });
    refusals = spawnSync(join(root, 'node_modules', '.bin', 'oxlint'), ['--format=unix'], { cwd: folder, encoding: 'utf8' }).stdout;
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(cases.map((one, index) => ({ ...one, index })))('$room: $code refused: $refused', ({ index, refused }) => {
    const found = refusals.split('\n').filter((line) => line.startsWith(`${fileOf(index)}:`));
    expect([found.length > 0, found]).toEqual([refused, found]);
  });
});

