/** Runs the real kubectl. @module */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** kubectl ended with another code than 0; the message carries what it wrote to standard error. */
export class KubectlError extends Error {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(args: readonly string[], result: { code: number; stdout: string; stderr: string }) {
    super(`kubectl ${args.join(' ')} ended with code ${result.code}: ${result.stderr.trim()}`);
    this.name = 'KubectlError';
    this.code = result.code;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
  }
}

/** Runs kubectl with the arguments, feeds it `stdin`, and resolves with its standard output; rejects with a KubectlError. */
export type Kubectl = (args: readonly string[], stdin?: string) => Promise<string>;

/** Binds the program to a kubeconfig. */
export const kubectlWith =
  (program: string, kubeconfig: string, cacheFolder: string): Kubectl =>
  async (args, stdin = '') => {
    const child = spawn(program, ['--kubeconfig', kubeconfig, '--cache-dir', cacheFolder, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    // It may end without reading what it was fed; its own message says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
    if (code !== 0) throw new KubectlError(args, { code: code ?? -1, stdout, stderr });
    return stdout;
  };
