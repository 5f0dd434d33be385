/**
 * Programs that use a core for nothing: a neighbour on the same node.
 *
 * @module
 */
import { startGuarded } from '../../../../src/local/process/guard.ts';
import type { GuardedProcess } from '../../../../src/local/process/guard.ts';

export interface Hogs {
  stop(): Promise<void>;
}

/** Starts `count` of them on one core. */
export const startHogs = (count: number, core: number): Hogs => {
  const running = Array.from({ length: count }, (): GuardedProcess => {
    const guarded = startGuarded({ argv: ['taskset', '-c', String(core), process.execPath, '-e', 'for (;;);'], env: process.env });
    guarded.child.stdout?.resume();
    guarded.child.stderr?.resume();
    return guarded;
  });
  return {
    stop: async () => {
      for (const hog of running) hog.kill();
      await Promise.all(running.map(({ ended }) => ended));
    },
  };
};
