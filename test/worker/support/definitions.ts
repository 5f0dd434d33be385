/**
 * Definitions of the registries that Feast wrote for tests.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Definitions } from '../../../src/worker/definitions/definitions.ts';
import { loadDefinitions } from '../../../src/worker/definitions/load-definitions.ts';
import { runAtOnce } from '../../../src/worker/definitions/steps.ts';
import { registryFixture } from './golden-store.ts';

/** The project of the fixture's name. */
export const definitionsOf = (name: 'golden' | 'kinds', versioned = false): Definitions => runAtOnce(loadDefinitions(readFileSync(registryFixture(name)), { project: name, versioned })).definitions;
