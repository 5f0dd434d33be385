/**
 * Where and why a text is not JSON, in the words and positions of Python's `json` module: Feast's answers carry them.
 *
 * @module
 */

/** Position (in characters) and message of the first error. */
export interface JsonError {
  position: number;
  message: string;
}

type State = 'value' | 'firstName' | 'name' | 'firstItem' | 'after';

const literal = /(?:true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
/** Everything but the quote, the backslash and control characters, which Python refuses inside strings (`\p{Cc}` has a few more). */
const stringBody = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;

/**
 * Scans without recursion, so that a deeply nested body costs memory only in proportion to its length.
 * @returns undefined when Python would accept the text
 */
export function findJsonError(text: string): JsonError | undefined {
  return new Scanner(text).run();
}

class Scanner {
  private readonly text: string;
  private readonly open: string[] = [];
  private at = 0;
  private state: State = 'value';

  constructor(text: string) {
    this.text = text;
  }

  run(): JsonError | undefined {
    for (;;) {
      this.skipSpace();
      if (this.state === 'after' && this.open.length === 0) {
        return this.at < this.text.length ? this.fail('Extra data') : undefined;
      }
      const error = this.step();
      if (error !== undefined) return error;
    }
  }

  private step(): JsonError | undefined {
    if (this.state === 'after') return this.afterValue();
    if (this.state === 'firstName' || this.state === 'name') return this.member();
    if (this.state === 'firstItem' && this.text[this.at] === ']') return this.close();
    return this.value();
  }

  private value(): JsonError | undefined {
    const character = this.text[this.at];
    if (character === '"') return this.string() ?? this.to('after');
    if (character === '{' || character === '[') {
      this.open.push(character);
      this.at++;
      return this.to(character === '{' ? 'firstName' : 'firstItem');
    }
    literal.lastIndex = this.at;
    const match = literal.exec(this.text);
    if (match === null) return this.fail('Expecting value');
    this.at += match[0].length;
    return this.to('after');
  }

  private member(): JsonError | undefined {
    if (this.state === 'firstName' && this.text[this.at] === '}') return this.close();
    if (this.text[this.at] !== '"') return this.fail('Expecting property name enclosed in double quotes');
    const error = this.string();
    if (error !== undefined) return error;
    this.skipSpace();
    if (this.text[this.at] !== ':') return this.fail("Expecting ':' delimiter");
    this.at++;
    return this.to('value');
  }

  private afterValue(): JsonError | undefined {
    const object = this.open.at(-1) === '{';
    const character = this.text[this.at];
    if (character === (object ? '}' : ']')) return this.close();
    if (character !== ',') return this.fail("Expecting ',' delimiter");
    this.at++;
    return this.to(object ? 'name' : 'value');
  }

  private string(): JsonError | undefined {
    const start = this.at;
    stringBody.lastIndex = start;
    const match = stringBody.exec(this.text);
    this.at += match?.[0].length ?? 1;
    const stop = this.text[this.at];
    if (stop === undefined) return { position: start, message: 'Unterminated string starting at' };
    if (stop === '\\') return this.fail(this.text[this.at + 1] === 'u' ? 'Invalid \\uXXXX escape' : 'Invalid \\escape');
    if (stop !== '"') return this.fail('Invalid control character at');
    this.at++;
    return undefined;
  }

  private close(): undefined {
    this.open.pop();
    this.at++;
    return this.to('after');
  }

  private to(state: State): undefined {
    this.state = state;
    return undefined;
  }

  private fail(message: string): JsonError {
    return { position: this.at, message };
  }

  private skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at++;
  }
}
