/**
 * Labels of one line in the Prometheus text format, escapes and all.
 *
 * @module
 */

const QUOTE = 34;
const BACKSLASH = 92;
const CLOSING = 125;

/** Longest label block that is read: a line beyond it is skipped. */
const MOST_LABELS = 64;

const unescape = (text: string): string =>
  text.includes('\\') ? text.replace(/\\(.)/gu, (_all, character: string) => (character === 'n' ? '\n' : character)) : text;

/** Index of the quote that ends the value which begins at `from`, or -1 before `end`. */
const closingQuote = (text: string, from: number, end: number): number => {
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
  return -1;
};

/**
 * Reads the labels between the brace at `open` and its closing one, giving each to `take`. Returns the index after the
 * closing brace, or -1 when the line (which ends at `end`) is malformed. A brace inside a quoted value closes nothing.
 */
export const readLabels = (text: string, open: number, end: number, take: (name: string, value: string) => void): number => {
  let at = open + 1;
  for (let count = 0; count <= MOST_LABELS; count += 1) {
    while (at < end && (text[at] === ',' || text[at] === ' ')) at += 1;
    if (text.charCodeAt(at) === CLOSING && at < end) return at + 1;
    const equals = text.indexOf('=', at);
    if (equals === -1 || equals >= end || text.charCodeAt(equals + 1) !== QUOTE) return -1;
    const close = closingQuote(text, equals + 2, end);
    if (close === -1) return -1;
    take(text.slice(at, equals).trim(), unescape(text.slice(equals + 2, close)));
    at = close + 1;
  }
  return -1;
};
