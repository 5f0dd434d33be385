/**
 * Replaces the generated sections of a Markdown page, which stand between
 * `<!-- generated: NAME -->` and `<!-- end of NAME -->`.
 *
 * @module
 */

/**
 * The page with its sections filled.
 *
 * @throws Error naming the page, when it lacks one of the sections: a table that is generated and shown nowhere helps nobody.
 */
export const fillSections = (page: string, contents: Readonly<Record<string, string>>, path: string): string =>
  Object.entries(contents).reduce((text, [name, content]) => {
    const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`${path} lacks the lines "${start}" and "${end}" around the section ${name}: add them`);
    return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
  }, page);
