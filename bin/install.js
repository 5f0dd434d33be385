// Dependencies are stale when the lock file differs from the one that npm left in node_modules after the last install.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './launch.js';

const stamp = join(root, 'node_modules', '.plateau-installed');

const wanted = () => {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
};

/** Runs `npm install` when node_modules is missing or was installed from another lock file. Exits with npm's code when it fails. */
export const installWhenStale = () => {
  const before = wanted();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === before) return;
  install();
};

/**
 * Runs `npm install` when nothing was ever wholly installed here (npm writes this file last): `npx plateau` must not change a
 * working tree under a running one.
 */
export const installWhenMissing = () => {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) install();
};

const install = () => {
  console.error('plateau: installing dependencies (npm install), once');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // With NODE_ENV=production npm would leave out the Node that everything here runs under.
  const result = spawnSync(npm, ['install', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    console.error(`plateau: npm install failed${result.error === undefined ? '' : ` (${result.error.message})`}; run it by hand in ${root} and read what it says`);
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, wanted());
};
