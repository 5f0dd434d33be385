/** `node hack/kind/up.ts`: a kind cluster with Plateau's resource definitions and, when there is one, its chart. Needs Docker. @module */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { problems, read, run } from './programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const crds = join(root, 'crds');
const chart = join(root, 'charts', 'plateau');

const createCluster = ({ name, config }: Options): void => {
  if (read('kind', ['get', 'clusters']).split('\n').includes(name)) {
    console.log(`the kind cluster ${name} is there already; using it`);
    return;
  }
  run('kind', ['create', 'cluster', '--name', name, '--wait', '120s', ...(config === undefined ? [] : ['--config', config])]);
};

const install = (context: string, withChart: boolean): void => {
  run('kubectl', ['--context', context, 'apply', '--server-side', '-f', crds]);
  run('kubectl', ['--context', context, 'wait', '--for=condition=Established', '--timeout=60s', '-f', crds]);
  if (!withChart) return;
  run('helm', ['upgrade', '--install', 'plateau', chart, '--kube-context', context, '--namespace', 'plateau-system', '--create-namespace']);
};

const up = (options: Options): void => {
  const withChart = existsSync(chart);
  const wrong = problems(withChart);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  createCluster(options);
  const context = `kind-${options.name}`;
  install(context, withChart);
  console.log(`ready: kubectl --context ${context} get featureservers -A`);
  if (!withChart) console.log(`the operator: kubectl config use-context ${context} && npx plateau operator`);
};

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else up(options);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
