/** Feast's SDK, asking servers through its remote online store. @module */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { PythonEnvironment } from '../../../../src/local/toolchain/python-environment.ts';
import { runTool } from '../../../../src/local/toolchain/run-tool.ts';
import type { Catalogue } from './catalogue.ts';
import { feastEnvironment, makeRepository, script } from './repository.ts';

const outcomeSchema = z.union([z.strictObject({ answer: z.unknown() }), z.strictObject({ error: z.string(), message: z.string() })]);
const comparisonSchema = z.object({ feast: z.record(z.string(), outcomeSchema), ours: z.record(z.string(), outcomeSchema), write: outcomeSchema });

export type Outcome = z.infer<typeof outcomeSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;

/** A client's repository: definitions from a registry file, features from a server. */
export interface Client {
  readonly folder: string;
  readonly name: string;
  readonly port: number;
  readonly registry: string;
  /** How often the SDK asks again after an error of the server. */
  readonly retries: number;
}

const clientRepository = ({ folder, name, port, registry, retries }: Client): string =>
  makeRepository(folder, name, { type: 'remote', path: `http://127.0.0.1:${port}`, connection_retries: retries }, { path: registry });

/** Asks Feast's server and ours everything that `sdk.py` knows to ask. */
export const compareClients = async (python: PythonEnvironment, catalogue: Catalogue, feast: Client, ours: Client): Promise<Comparison> => {
  const file = join(ours.folder, `${ours.name}-catalogue.json`);
  writeFileSync(file, JSON.stringify(catalogue));
  const words = ['compare', file, clientRepository(feast), clientRepository(ours)];
  return comparisonSchema.parse(JSON.parse(await runTool(python.python, [script('sdk.py'), ...words], { env: feastEnvironment() })));
};

/** One read of one client. */
export const readOnce = async (python: PythonEnvironment, client: Client): Promise<Outcome> =>
  outcomeSchema.parse(JSON.parse(await runTool(python.python, [script('sdk.py'), 'read', clientRepository(client)], { env: feastEnvironment() })));
