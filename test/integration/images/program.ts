/** Programs out of an image's root folder, as a container would run them: nothing of this process's surroundings but the path. @module */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images } from '../../../hack/images/images.ts';
import { startGuarded, stopGuarded } from '../../../src/local/process/guard.ts';
import type { Ended } from '../../../src/local/process/guard.ts';

/** Lays an image out in a folder of its own. */
export const layOut = async (name: string): Promise<{ root: string; remove(): void }> => {
  const root = mkdtempSync(join(tmpdir(), `plateau-image-${name}-`));
  await images[name]?.(root, (line) => console.error(line));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
};

export interface Program {
  /** Everything printed so far, on both streams. */
  output(): string;
  /** Waits for a text; fails with the output when the program ends before it comes. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  stop(): Promise<Ended>;
}

export const run = (argv: readonly string[], { cwd, env = {} }: { cwd: string; env?: Record<string, string> }): Program => {
  const guarded = startGuarded({ argv, cwd, env: { PATH: process.env['PATH'], HOME: cwd, ...env } });
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [guarded.child.stdout, guarded.child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const look of waiting) look();
    });
  }
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text);
        if (found === null) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      void guarded.ended.then(({ code }) => reject(new Error(`ended with ${code} before ${String(pattern)} was printed: ${text}`)));
      look();
    });
  return { output: () => text, until, ended: guarded.ended, stop: () => stopGuarded(guarded, 15_000) };
};
