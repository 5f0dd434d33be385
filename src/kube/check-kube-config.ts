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
  contexts: z.array(named.extend({ context: z.object({ cluster: z.string().min(1), user: z.string().nullish(), namespace: z.string().nullish() }) })).min(1),
  users: z.array(named.extend({ user: z.object({ tokenFile: z.string().optional() }).nullish() })).nullish(),
  'current-context': z.string().nullish(),
});

/** What the check found: a problem in words, or the users whose token is in a file, which client-node does not know of. */
export type KubeConfigCheck = { problem: string } | { tokenFiles: ReadonlyMap<string, string> };

/** Checks the text of a kubeconfig. A problem names line or field and remedy. */
export const checkKubeConfig = (text: string): KubeConfigCheck => {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) return { problem: `not YAML: ${syntax.message.split('\n')[0] ?? ''}; repair that line` };
  const result = kubeConfigSchema.safeParse(document.toJS());
  if (!result.success) return { problem: describeIssue(result.error.issues[0]) };
  const tokenFiles = new Map<string, string>();
  for (const { name, user } of result.data.users ?? []) if (user?.tokenFile !== undefined) tokenFiles.set(name, user.tokenFile);
  return { tokenFiles };
};

const describeIssue = (issue: z.core.$ZodIssue | undefined): string => {
  const field = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.join('.');
  return `${field}: ${issue?.message ?? 'wrong'}; a kubeconfig needs clusters, contexts and current-context`;
};
