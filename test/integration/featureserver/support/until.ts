/** Waiting for something to become true. @module */

/** Two cores are shared with everything else that is being built and tested. */
const patienceMs = 60_000;

/** Asks again and again until the answer is neither undefined nor false; rejects with `what`, the last answer's doubt included. */
export const until = async <T>(what: string, ask: () => Promise<T | undefined | false> | T | undefined | false, timeoutMs = patienceMs): Promise<T> => {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
