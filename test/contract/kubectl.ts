/**
 * Runs kubectl for the contract suite.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** How to run kubectl against the server under test. */
export interface KubectlSetup {
  readonly program: string;
  readonly kubeconfigPath: string;
  /** An own, empty folder: a cache must not outlive a server. */
  readonly cacheFolder: string;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const start = ({ program, kubeconfigPath, cacheFolder }: KubectlSetup, args: readonly string[], editor = 'false'): ChildProcess =>
  spawn(program, ['--kubeconfig', kubeconfigPath, '--cache-dir', cacheFolder, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, KUBE_EDITOR: editor },
  });

const streamsOf = ({ stdin, stdout, stderr }: ChildProcess) => {
  if (stdin === null || stdout === null || stderr === null) throw new Error('kubectl was started without pipes');
  return { stdin, stdout, stderr };
};

/** Runs it to its end, whatever that is. */
export const tryKubectl = async (setup: KubectlSetup, args: readonly string[], { stdin = '', editor = 'false' } = {}): Promise<KubectlResult> => {
  const child = start(setup, args, editor);
  const streams = streamsOf(child);
  // It may end without reading what it was fed; its own message says why.
  streams.stdin.on('error', () => undefined);
  streams.stdin.end(stdin);
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(streams.stdout), text(streams.stderr)]);
  const [code] = await ended;
  return { code: typeof code === 'number' ? code : -1, stdout, stderr };
};

/** Runs it and gives its standard output; a failure fails the test with what it wrote. */
export const kubectl = async (setup: KubectlSetup, args: readonly string[], options: { stdin?: string; editor?: string } = {}): Promise<string> => {
  const { code, stdout, stderr } = await tryKubectl(setup, args, options);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
};

/** Starts a command that does not end by itself, and gives its lines as they come. */
export const follow = (setup: KubectlSetup, args: readonly string[]) => {
  const child = start(setup, args);
  const { stdin, stdout, stderr } = streamsOf(child);
  stdin.end();
  stderr.resume();
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    /** Reads on until a line fits. */
    until: async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`kubectl ${args.join(' ')} ended before a line fitted ${String(pattern)}`);
        if (pattern.test(value)) return value;
      }
    },
    stop: async (): Promise<void> => {
      const closed = once(child, 'close');
      child.kill();
      await closed;
    },
  };
};
