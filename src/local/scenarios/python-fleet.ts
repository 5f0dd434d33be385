/**
 * What scenarios on Python threads share: examples/local/scenario_app.py under waitress.
 *
 * @module
 */
import { pythonImage } from '../runtimes/python-features.ts';
import { pythonEnvironment } from '../toolchain/python-environment.ts';
import { exampleFleet, exampleFolder } from './example-fleet.ts';
import type { FleetChange } from './example-fleet.ts';
import type { PreparedScenario } from './scenario.ts';

const image = 'scenario-app';

/** A fleet whose requests do what the variables say. @throws MissingTool */
export const pythonFleet = async (progress: (line: string) => void, change: Omit<FleetChange, 'server' | 'others'>): Promise<PreparedScenario> => {
  const environment = await pythonEnvironment({ name: 'pool', progress });
  const manifest = exampleFleet({ ...change, server: { python: { image, app: 'scenario_app:app', server: 'waitress' } }, others: [] });
  return { images: new Map([[image, { ...pythonImage(environment), workingFolder: exampleFolder }]]), stage: () => Promise.resolve({ manifest }) };
};
