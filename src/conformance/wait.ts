/**
 * Waiting for a state of a server that announces nothing.
 *
 * @module
 */
import { systemClock } from '../runtime/system-clock.ts';
import { sleep } from '../runtime/waiting.ts';

const clock = systemClock();

/** Milliseconds of a clock that never goes back. */
export const nowMs = (): number => clock.monotonicMs();

export const delay = async (ms: number): Promise<void> => void (await sleep(clock, ms));

/**
 * Asks until there is an answer.
 *
 * @returns the first answer that is not undefined, or undefined when none came within `withinMs`
 */
export const until = async <Answer>(withinMs: number, ask: () => Promise<Answer | undefined> | Answer | undefined, everyMs = 25): Promise<Answer | undefined> => {
  const end = nowMs() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || nowMs() >= end) return answer;
    await delay(everyMs);
  }
};
