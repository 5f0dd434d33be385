/**
 * Text in lines of a width, since a terminal that wraps by itself would spoil the redrawing.
 *
 * @module
 */

/** Characters of a text as a terminal counts them, for the letters and symbols that are used here. */
const widthOf = (text: string): number => Array.from(text).length;

/** The text cut to the width, with an ellipsis for what is missing. */
export const cut = (text: string, columns: number): string => {
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
};

/**
 * The text broken between words.
 *
 * @param indent blanks before each line after the first
 */
export const wrap = (text: string, columns: number, indent: number): string[] => {
  const lines: string[] = [];
  const margin = ' '.repeat(indent);
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || widthOf(longer) <= columns) line = longer;
    else {
      lines.push(cut(line, columns));
      line = margin + word;
    }
  }
  return [...lines, cut(line ?? '', columns)];
};
