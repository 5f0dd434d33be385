/**
 * For what is measured on cores that other programs use as well.
 *
 * @module
 */
import { quietMachine } from './quiet-machine.ts';

/** Tries a second time what a busy moment of the machine may have spoilt, on a quiet machine if there is one. What is broken fails both times. */
export const onceMore = async (attempt: () => Promise<void>): Promise<void> => {
  try {
    await attempt();
  } catch (error) {
    process.stderr.write(`\n!!! tried once more: ${String(error).split('\n')[0]}\n\n`);
    await quietMachine(60_000);
    await attempt();
  }
};
