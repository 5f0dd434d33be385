/**
 * A look at a kubeconfig before client-node reads it, since its own complaints name neither line nor remedy.
 *
 * @module
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';

const named = z.object({ name: z.string().min(1) });

const kubeConfigSchema = z.object({
  clusters: z.array(named.extend({ cluster: z.object({ server: z.url({ protocol: /^https?$/ }) }) })).min(1),
  contexts: z.array(named.extend({ context: z.object({ cluster: z.string().min(1), user: z.string().optional(), namespace: z.string().optional() }) })).min(1),
  users: z.array(named).nullish(),
  'current-context': z.string().nullish(),
});

/** What is wrong with the text of a kubeconfig, with line or field and remedy; undefined when it can be loaded. */
export const checkKubeConfig = (text: string): string | undefined => {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) return `not YAML: ${syntax.message.split('\n')[0] ?? ''}; repair that line`;
  const result = kubeConfigSchema.safeParse(document.toJS());
  if (result.success) return undefined;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.join('.');
  return `${field}: ${issue?.message ?? 'wrong'}; a kubeconfig needs clusters, contexts and current-context`;
};
