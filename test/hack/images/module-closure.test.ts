import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { moduleClosure, packageFolders } from '../../../hack/images/module-closure.ts';

let folder = '';
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plateau-closure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('moduleClosure', () => {
  it('follows every way to import, and nothing that only looks like one', () => {
    write('a/main.js', `import './side.js';\nimport * as fs from 'node:fs';\nimport {\n  one,\n} from "../b/one.js";\nexport { two } from '../b/two.js';\nexport function f() {\n  return readFileSync('../../package.json') + import.meta.url;\n}\n// import './comment.js'\n`);
    write('a/side.js', `import z from '@scope/zod/v4';\nconst late = await import('./late.js');\nimport undici from 'undici';\n`);
    write('a/late.js', 'export default 1;\n');
    write('b/one.js', `import '../a/main.js';\n`);
    write('b/two.js', '');
    const { files, packages } = moduleClosure(folder, { roots: ['a/main.js'], choices: [] });
    expect([...files].toSorted()).toEqual(['a/late.js', 'a/main.js', 'a/side.js', 'b/one.js', 'b/two.js']);
    expect([...packages].toSorted()).toEqual(['@scope/zod', 'undici']);
  });

  it('leaves the choices of a table to the caller', () => {
    write('table.js', `import './always.js';\nexport const load = () => import('./never.js');\n`);
    write('always.js', '');
    expect([...moduleClosure(folder, { roots: ['table.js'], choices: ['table.js'] }).files].toSorted()).toEqual(['always.js', 'table.js']);
  });

  it('fails for a file that does not exist', () => {
    expect(() => moduleClosure(folder, { roots: ['gone.js'], choices: [] })).toThrow('gone.js');
  });
});

describe('packageFolders', () => {
  const install = (path: string, parts: Record<string, unknown> = {}): void => write(`${path}/package.json`, JSON.stringify(parts));

  it('finds packages as Node does: nested before shared, optional ones only when they are there', () => {
    install('node_modules/a', { dependencies: { b: '1' }, optionalDependencies: { absent: '1', c: '1' } });
    install('node_modules/a/node_modules/b');
    install('node_modules/b');
    install('node_modules/c', { dependencies: { a: '1' } });
    install('node_modules/unused');
    expect([...packageFolders(folder, ['a'])].toSorted()).toEqual(['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c']);
  });

  it('names what is not installed, and who needs it', () => {
    install('node_modules/a', { dependencies: { gone: '1' } });
    expect(() => packageFolders(folder, ['a'])).toThrow(/gone, which node_modules\/a needs, is not installed/u);
  });
});
