/**
 * Puts decisions on record: what is worth reading into the log, everything into a file when one is asked for.
 *
 * @module
 */
import { recordLine } from '../../core/decisions/record.ts';
import type { Evaluation } from '../../core/decisions/record.ts';
import { tell } from '../../core/decisions/tell.ts';
import type { Told } from '../../core/decisions/tell.ts';
import type { Logger } from '../../runtime/ports.ts';

export interface DecisionRecorderOptions {
  logger: Logger;
  /** Takes whole records, one a line; must not throw and must not wait. */
  file?: { append(line: string): void };
}

/** Objects whose last line is remembered; of one that was forgotten the next decision is told again. */
const MOST_OBJECTS = 10_000;

export class DecisionRecorder {
  readonly #options: DecisionRecorderOptions;
  readonly #told = new Map<string, Told>();

  constructor(options: DecisionRecorderOptions) {
    this.#options = options;
  }

  /** Never throws: a decision that cannot be written down is still a decision. */
  record(evaluation: Evaluation): void {
    const { logger, file } = this.#options;
    const { uid } = evaluation.object;
    const { line, told } = tell(this.#told.get(uid), evaluation);
    this.#remember(uid, told);
    if (line !== null) logger.info(evaluation.output.message, { decision: line });
    file?.append(recordLine(evaluation));
  }

  /** The one that was heard of longest ago goes first. */
  #remember(uid: string, told: Told): void {
    this.#told.delete(uid);
    this.#told.set(uid, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST_OBJECTS && oldest !== undefined) this.#told.delete(oldest);
  }
}
