/** Which parts of the test command to run: `npm test -- [PART…] [PATH…]`. @module */

/** In the order in which they run: what is quick and often wrong comes first. */
export const parts = ['lint', 'types', 'generate', 'unit', 'integration'] as const;

export type Part = (typeof parts)[number];

export interface Selection {
  parts: readonly Part[];
  /** Jest runs only test files whose path contains one of these; none means all. */
  paths: readonly string[];
}

export const usage = `usage: npm test -- [${parts.join('|')}]… [PATH…]
  no argument      everything
  PART…            only these parts
  PATH…            only test files whose path contains one of these`;

const isPart = (word: string): word is Part => parts.some((part) => part === word);

/** A path says itself whose test it is; a word that is only part of a path may be either's. */
const partsOf = (paths: readonly string[]): Part[] => {
  const integration = paths.filter((path) => path.includes('test/integration'));
  const unit = paths.filter((path) => /test\/(?!integration)/.test(path));
  if (integration.length === paths.length) return ['integration'];
  if (unit.length === paths.length) return ['unit'];
  return ['unit', 'integration'];
};

/** Reads the arguments. @throws with the usage when one begins with a dash: there are no options. */
export const parseSelection = (words: readonly string[]): Selection => {
  const option = words.find((word) => word.startsWith('-'));
  if (option !== undefined) throw new Error(`unknown option ${option}\n${usage}`);
  const named = parts.filter((part) => words.includes(part));
  const paths = words.filter((word) => !isPart(word));
  if (named.length > 0) return { parts: named, paths };
  return { parts: paths.length > 0 ? partsOf(paths) : parts, paths };
};
