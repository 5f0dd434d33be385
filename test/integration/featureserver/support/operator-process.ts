/** The operator as a real process. @module */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ControlPlane } from '../../support/control-plane.ts';
import { type GuardedProcess, startGuarded, tail } from '../../support/guarded-process.ts';
import { freshName } from '../../support/objects.ts';
import type { Rule } from '../../support/users.ts';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const program = join(root, 'src/cli/plateau.ts');

export interface OperatorProcess {
  readonly pid: number;
  readonly url: string;
  readonly process: GuardedProcess;
  /** Everything it has written so far. */
  log(): string;
  /** Numeric samples of a metric, summed over the series whose line contains `filter`. */
  metric(name: string, filter?: string): Promise<number>;
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

const rulesFile = z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()), resourceNames: z.array(z.string()).optional() }));

const chartRules = (file: string): Rule[] =>
  rulesFile.parse(parse(readFileSync(join(root, 'charts/plateau/files', file), 'utf8'))).map(({ resourceNames, ...rule }) => ({ ...rule, ...(resourceNames && { resourceNames }) }));

/** Kubeconfig of a service account with the rights that the chart gives, the whole cluster in its scope. */
export const operatorUser = (plane: ControlPlane): Promise<string> => plane.limitedUser([...chartRules('cluster-role-rules.yaml'), ...chartRules('role-rules.yaml')]);

/** Starts `plateau operator` and waits until it is ready (caches filled). */
export const startOperator = async (plane: ControlPlane, flags: readonly string[] = [], kubeconfig = plane.kubeconfigPath): Promise<OperatorProcess> => {
  const logFile = join(plane.folder, `${freshName('operator')}.log`);
  const args = ['--disable-warning=ExperimentalWarning', program, 'operator', '--kubeconfig', kubeconfig, '--http-port', '0', '--log-level', 'debug', '--log-format', 'json', ...flags];
  const started = await startGuarded(process.execPath, args, { cwd: root, logFile });
  const log = (): string => readFileSync(logFile, 'utf8');
  const url = await until('the operator says where it listens', () => {
    if (!started.isRunning()) throw new Error(`the operator ended:\n${tail(logFile)}`);
    return /listening on (http:\S+)/u.exec(log())?.[1];
  });
  await until('the operator is ready', async () => {
    if (!started.isRunning()) throw new Error(`the operator ended:\n${tail(logFile)}`);
    return (await fetch(`${url}/readyz`)).ok || undefined;
  });
  return {
    pid: started.pid,
    url,
    process: started,
    log,
    metric: async (name, filter = '') => sum(await (await fetch(`${url}/metrics`)).text(), name, filter),
    stop: async (signal = 'SIGTERM') => {
      await started.stop(signal, 20_000);
      return started.ended;
    },
  };
};

const sum = (page: string, name: string, filter: string): number =>
  page.split('\n').filter((line) => new RegExp(`^${name}[{ ]`, 'u').test(line) && line.includes(filter)).reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
