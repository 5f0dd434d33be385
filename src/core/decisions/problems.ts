/**
 * What zod found, in a sentence that fits on a line.
 *
 * @module
 */
import type * as z from 'zod';

/** Problems that are told of one line; the first ones lead to the rest. */
const mostTold = 3;

type Issue = z.core.$ZodIssue;

type Leaf = { path: readonly PropertyKey[]; message: string };
const depth = (leaves: readonly Leaf[]): number => Math.max(0, ...leaves.map(({ path }) => path.length));

/** Of several alternatives the one that got furthest is the one that was meant; of equals the first, which is the plain one. */
const leaves = (issue: Issue, path: readonly PropertyKey[]): Leaf[] => {
  const at = [...path, ...issue.path];
  const alternatives = issue.code === 'invalid_union' ? issue.errors.map((inner) => inner.flatMap((each) => leaves(each, at))) : [];
  return alternatives.toSorted((a, b) => depth(b) - depth(a))[0] ?? [{ path: at, message: issue.message }];
};

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`), '');

/** `windows.pods[0].ready: Invalid input: expected boolean, received string; …` */
export const problemsOf = (error: z.ZodError): string => {
  const all = error.issues.flatMap((issue) => leaves(issue, []));
  const told = all.slice(0, mostTold).map(({ path, message }) => (path.length === 0 ? message : `${pathText(path)}: ${message}`));
  return all.length > mostTold ? `${told.join('; ')}; and ${all.length - mostTold} more` : told.join('; ');
};
