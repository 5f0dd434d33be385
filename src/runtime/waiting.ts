/**
 * Waits that end early: by a signal, or by a deadline.
 *
 * @module
 */
import type { Clock } from './ports.ts';

/** Waits `delayMs` milliseconds. Resolves true when they passed, false when `signal` ended the wait; never rejects. */
export const sleep = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<boolean> => {
  if (signal?.aborted === true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
};

/** A signal that follows `parents` and can be aborted by itself; `dispose` takes the listeners off the parents. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  readonly abort: (reason: unknown) => void;
  readonly dispose: () => void;
}

/**
 * Links a new signal to others. Unlike `AbortSignal.any`, `dispose` lets a long-lived parent forget it at once
 * instead of at some later garbage collection.
 */
export const linkSignals = (...parents: (AbortSignal | undefined)[]): LinkedSignal => {
  const controller = new AbortController();
  const links = parents.filter((parent) => parent !== undefined).map((parent) => follow(parent, controller));
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    dispose: () => links.forEach((unlink) => unlink()),
  };
};

const follow = (parent: AbortSignal, controller: AbortController): (() => void) => {
  const onAbort = (): void => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort, { once: true });
  return () => parent.removeEventListener('abort', onAbort);
};

/** Resolves true when `work` settles (either way) within `deadlineMs` milliseconds, false when it does not. */
export const settlesWithin = async (clock: Clock, work: Promise<unknown>, deadlineMs: number): Promise<boolean> => {
  const late = new AbortController();
  const settled = work.then(
    () => true,
    () => true,
  );
  const timeUp = sleep(clock, deadlineMs, late.signal).then(() => false);
  const result = await Promise.race([settled, timeUp]);
  late.abort();
  return result;
};

/** Resolves when `signal` is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Rejects with the reason of `signal` when it is aborted; never resolves. For races. */
export const rejectsWith = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const fail = (): void => reject(asError(signal.reason));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });

const asError = (reason: unknown): Error => (Error.isError(reason) ? reason : new Error(String(reason)));
