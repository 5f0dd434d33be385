/**
 * A stream of bytes as lines, of which none may be longer than memory should hold.
 *
 * @module
 */

/** A line with its number, from 1; what was too long is passed over to its end. */
export type Line = { number: number; text: string } | { number: number; tooLong: number };

const NEWLINE = 0x0a;

/** Joins the pieces of lines. */
class Cutter {
  readonly #longest: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #number = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Bytes of a line that is over its limit are counted and let go. */
  hold(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#longest) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  end(): Line {
    this.#number += 1;
    const [pieces, bytes] = [this.#pieces, this.#bytes];
    this.#pieces = [];
    this.#bytes = 0;
    if (bytes > this.#longest) return { number: this.#number, tooLong: bytes };
    const [only] = pieces;
    const whole = pieces.length === 1 && only !== undefined ? Buffer.from(only.buffer, only.byteOffset, only.length) : Buffer.concat(pieces);
    return { number: this.#number, text: whole.toString('utf8') };
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }
}

/** The lines of a stream, those that one chunk completes together; a last line may lack its end. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line[]> {
  const cutter = new Cutter(longest);
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      cutter.hold(chunk.subarray(start, end));
      lines.push(cutter.end());
      start = end + 1;
    }
    cutter.hold(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (!cutter.isEmpty) yield [cutter.end()];
}
