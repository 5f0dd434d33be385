/**
 * Test suites that need Python environments or a Redis server; where these are missing, the suite is skipped and says why.
 * `npm test` makes a skipped test a failure under CI=true.
 *
 * @module
 */
import { describe } from '@jest/globals';
import { MissingTool } from '../../../src/local/toolchain/missing-tool.ts';
import { pythonEnvironment } from '../../../src/local/toolchain/python-environment.ts';
import type { EnvironmentName, PythonEnvironment } from '../../../src/local/toolchain/python-environment.ts';
import { findRedisServer } from '../../../src/local/toolchain/redis-server.ts';

export interface WantedTools {
  /** Environments of `python/environments`, installed when this machine has none yet. */
  readonly python?: readonly EnvironmentName[];
  /** A redis-server that `startRedisServer` can start. */
  readonly redis?: boolean;
}

/** What the suite asked for. */
export interface FoundTools {
  /** One of the environments that the suite asked for. */
  readonly python: (name: EnvironmentName) => PythonEnvironment;
}

/** Past jest's console, which would bury the sentence under a stack. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const find = async ({ python = [], redis = false }: WantedTools): Promise<FoundTools> => {
  if (redis) await findRedisServer();
  const environments = new Map<EnvironmentName, PythonEnvironment>();
  for (const name of python) environments.set(name, await pythonEnvironment({ name, progress: say }));
  return {
    python: (name) => {
      const environment = environments.get(name);
      if (environment === undefined) throw new Error(`this suite did not ask for the Python environment ${name}`);
      return environment;
    },
  };
};

/**
 * A suite with its tools; `await` it at the top of the test file, since tests are collected before hooks run.
 * The body gets a function that returns the tools; call that inside tests and hooks only.
 *
 * @throws what is not a missing tool: that fails the file
 */
export const describeWithTools = async (wanted: WantedTools, name: string, body: (tools: () => FoundTools) => void): Promise<void> => {
  let found: FoundTools;
  try {
    found = await find(wanted);
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    say(`\n!!! LEFT OUT: "${name}": ${error.message}\n`);
    const absent = (): never => {
      throw error;
    };
    describe.skip(name, () => body(absent));
    return;
  }
  describe(name, () => body(() => found));
};
