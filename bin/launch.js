// Runs a script under the Node that package.json pins (devDependency `node`), whatever Node the system has.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout or of the installed package. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const major = Number(process.versions.node.split('.')[0]);

const ownNode = () => {
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (major >= 24) return process.execPath;
  console.error(`plateau: needs Node 24, this is ${process.version}; run \`npm install\` in ${root} first`);
  process.exit(1);
};

/** Runs the script in place of this process as far as Node allows: same terminal, signals passed on, same exit code. */
export const launch = (script, args, env = {}) => {
  const node = ownNode();
  const bin = [dirname(node), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env, PATH: bin },
  });
  // A terminal sends Ctrl-C to the whole group, so the child has it already; only what was sent to this process alone is passed on.
  process.on('SIGINT', () => { if (!process.stdin.isTTY) child.kill('SIGINT'); });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`plateau: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0)));
};
