/** The examples, strictly validated by a real kube-apiserver. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from '@jest/globals';
import { describeControlPlane } from './support/describe-kubernetes.ts';

const folder = new URL('../../examples/', import.meta.url);
const examples = readdirSync(folder).filter((name) => name.startsWith('featureserver-'));
const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const documented = /```yaml\n(apiVersion: plateau[\s\S]*?)```/u.exec(page)?.[1] ?? '';

describeControlPlane('the examples', (cluster) => {
  beforeAll(() => cluster().installCrds());

  const accepted = (yaml: string) => cluster().kubectl(['apply', '--server-side', '--validate=strict', '--dry-run=server', '-f', '-'], yaml);

  it.each(examples)('%s is accepted', async (name) => {
    expect(await accepted(readFileSync(new URL(name, folder), 'utf8'))).toContain('serverside-applied');
  });

  it('the one of docs/api.md is accepted', async () => {
    expect(await accepted(documented)).toContain('featureserver.plateau.dev/ranking serverside-applied');
  });
});
