/** Which parts of the test command to run: `npm test -- [PART…] [PATH…]`. @module */

/** In the order in which they run: what is quick and often wrong comes first. */
export const parts = ['lint', 'types', 'generate', 'unit', 'go', 'python', 'integration'] as const;

export type Part = (typeof parts)[number];

export interface Selection {
  parts: readonly Part[];
  /** Only test files whose path contains one of these are run; none means all. */
  paths: readonly string[];
}

export const usage = `usage: npm test -- [${parts.join('|')}]… [PATH…]
  no argument      everything
  PART…            only these parts
  PATH…            only test files whose path contains one of these`;

const isPart = (word: string): word is Part => parts.some((part) => part === word);

/** A path says itself whose test it is; a word that is only part of a path may be that of either of jest's parts. */
const partsOf = (path: string): Part[] => {
  if (path.replace(/^\.\//, '').startsWith('python/')) return ['python'];
  if (path.includes('go-feature-server')) return ['go'];
  if (path.includes('test/integration')) return ['integration'];
  return path.includes('test/') ? ['unit'] : ['unit', 'integration'];
};

/** Reads the arguments. @throws with the usage when one begins with a dash: there are no options. */
export const parseSelection = (words: readonly string[]): Selection => {
  const option = words.find((word) => word.startsWith('-'));
  if (option !== undefined) throw new Error(`unknown option ${option}\n${usage}`);
  const named = parts.filter((part) => words.includes(part));
  const paths = words.filter((word) => !isPart(word));
  if (named.length > 0) return { parts: named, paths };
  const own = new Set(paths.flatMap(partsOf));
  return { parts: paths.length > 0 ? parts.filter((part) => own.has(part)) : parts, paths };
};
