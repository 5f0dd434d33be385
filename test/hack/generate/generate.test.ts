import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generate } from '../../../hack/generate/generate.ts';
import { outputs } from '../../../hack/generate/outputs.ts';
import { fillSections } from '../../../hack/generate/sections.ts';

const repository = new URL('../../../', import.meta.url);
const crd = 'crds/plateau.dev_featureservers.yaml';

describe('the generated files of this repository', () => {
  it('are what their sources say', () => {
    expect(generate(repository, true).lines).toEqual(['generated files are up to date']);
  });
});

describe('generate', () => {
  let folder = '';
  let root = repository;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-generate-'));
    root = pathToFileURL(`${folder}/`);
    mkdirSync(join(folder, 'docs'));
    cpSync(new URL('docs/api.md', repository), join(folder, 'docs/api.md'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes what is missing, and then nothing', () => {
    expect(generate(root, false).lines).toContain(`${crd} written`);
    expect(generate(root, false).lines.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
    expect(generate(root, true).code).toBe(0);
  });

  it('with --check names a file that is missing, and the command that mends it', () => {
    const { code, lines } = generate(root, true);
    expect(code).toBe(1);
    expect(lines).toContain(`${crd} is missing\nrun: npm run generate`);
  });

  it('with --check names the file and the first line that differs, and writes nothing', () => {
    generate(root, false);
    const file = join(folder, crd);
    const changed = readFileSync(file, 'utf8').replace('scope: Namespaced', 'scope: Cluster');
    writeFileSync(file, changed);
    const { code, lines } = generate(root, true);
    expect(code).toBe(1);
    expect(lines).toEqual([`${crd} differs from its source at line 8\n  -   scope: Cluster\n  +   scope: Namespaced\nrun: npm run generate`]);
    expect(readFileSync(file, 'utf8')).toBe(changed);
  });

  it('leaves the prose around a generated section alone', () => {
    const file = join(folder, 'docs/api.md');
    writeFileSync(file, readFileSync(file, 'utf8').replace('# The FeatureServer object', '# Mine'));
    generate(root, false);
    expect(readFileSync(file, 'utf8')).toMatch(/^# Mine\n/u);
  });

  it('has each file once', () => {
    const paths = outputs(root).map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});

describe('fillSections', () => {
  it('replaces what stands between the marks', () => {
    const page = 'a\n<!-- generated: t -->\nold\n<!-- end of t -->\nb\n';
    expect(fillSections(page, { t: 'new' }, 'p.md')).toBe('a\n<!-- generated: t -->\nnew\n<!-- end of t -->\nb\n');
  });

  it('refuses a page without the marks', () => {
    expect(() => fillSections('a', { t: 'new' }, 'p.md')).toThrow(/p\.md lacks the lines "<!-- generated: t -->"/u);
  });
});
