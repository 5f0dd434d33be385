/**
 * The machine and the versions that figures were measured with.
 *
 * @module
 */
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../../../src/local/toolchain/redis-server.ts';
import { pythonEnvironment } from '../../../src/local/toolchain/python-environment.ts';
import type { EnvironmentName } from '../../../src/local/toolchain/python-environment.ts';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import { toxiproxyVersion } from './toxiproxy.ts';
import { vegetaVersion } from './vegeta.ts';

export const describeMachine = (): Record<string, unknown> => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), kernel: release(), load: loadavg() });

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
const unknown = (): string => 'not on this machine';

/** Versions of everything that takes part. */
export const describeVersions = async (): Promise<Record<string, string>> => ({
  node: process.version,
  go: await runTool('go', ['version']).then(firstLine, unknown),
  redis: await runTool(await findRedisServer(), ['--version']).then(firstLine, unknown),
  python: await pythonVersions('pool', ['waitress', 'gunicorn', 'uvicorn', 'orjson', 'redis', 'hiredis']).catch(unknown),
  feast: await pythonVersions('feast', ['feast', 'uvicorn', 'fastapi', 'redis']).catch(unknown),
  vegeta: vegetaVersion,
  toxiproxy: toxiproxyVersion,
});

const pythonVersions = async (name: EnvironmentName, packages: readonly string[]): Promise<string> => {
  const { bin } = await pythonEnvironment({ name, progress: () => undefined });
  const script = `import sys, importlib.metadata as m; print(sys.version.split()[0], *(p + " " + m.version(p) for p in ${JSON.stringify(packages)}), sep=", ")`;
  return firstLine(await runTool(join(bin, 'python'), ['-c', script]));
};
