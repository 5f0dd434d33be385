#!/usr/bin/env node
// The launcher is plain JavaScript because Node strips no types under node_modules, and because an old system Node
// (20 or newer) must get as far as handing over to the project's own Node 24.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { installWhenMissing } from './install.js';
import { launch, root } from './launch.js';

const packed = join(root, 'dist', 'cli', 'plateau.js');
const sources = join(root, 'src', 'cli', 'plateau.ts');
const program = basename(process.argv[1] ?? 'plateau').replace(/\.js$/, '');
const inCheckout = existsSync(sources);
if (inCheckout) installWhenMissing();
launch(inCheckout ? sources : packed, process.argv.slice(2), { PLATEAU_PROGRAM: program });
