// `npm start`, `npm test` and their like: install what is missing or stale, then run a script under the project's own Node.
import { join } from 'node:path';
import { launch, root } from './launch.js';
import { installWhenStale } from './install.js';

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node bin/npm-run.js SCRIPT [ARGS…]');
  process.exit(2);
}
installWhenStale();
launch(join(root, script), args);
