import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const command = fileURLToPath(new URL('../../hack/test/command.ts', import.meta.url));

/** Starts a grandchild that is deaf to being asked, and says its process id. */
const stubborn = `
  const { spawn } = require('node:child_process');
  const grandchild = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => undefined); console.log('up'); setInterval(() => undefined, 1000)"]);
  grandchild.stdout.once('data', () => console.log('grandchild ' + grandchild.pid));
  setInterval(() => undefined, 1000);
`;

/** Runs `runCommand` in a process of its own, as the test command does. */
const start = (args: readonly string[], deadlineMs: number) => {
  const script = `
    import { runCommand } from ${JSON.stringify(command)};
    runCommand(process.execPath, ${JSON.stringify(args)}, { deadlineMs: ${deadlineMs} })
      .then((code) => console.log('code ' + code), (error) => console.log(error.name + ' ' + error.signal));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const look of heard) look();
    });
  }
  const said = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const [, found] = pattern.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      };
      heard.add(look);
      look();
    });
  return { child, said, ended: once(child, 'close').then(() => output) };
};

/** A zombie has ended; in a container nobody may be there to collect it. */
const alive = (pid: string): boolean => {
  const file = `/proc/${pid}/stat`;
  try {
    return !/\) [ZX] /.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
};

describe('runCommand', () => {
  it.each([
    ['its exit code', ['-e', 'process.exit(3)'], 'code 3'],
    ['1 for a death by a signal', ['-e', "process.kill(process.pid, 'SIGKILL')"], 'code 1'],
  ])('tells %s', async (_what, args, said) => {
    expect(await start(args, 60_000).ended).toContain(said);
  });

  it('ends a program that hangs, with all that it started, and says so', async () => {
    const { said, ended } = start(['-e', stubborn], 3_000);
    const grandchild = await said(/grandchild (\d+)\n/);
    const output = await ended;
    expect(output).toMatch(/still ran after 0.1 minutes and is ended/);
    expect(output).toContain('code 1');
    expect(alive(grandchild)).toBe(false);
  }, 60_000);

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the program, then the caller learns of it', async (signal) => {
    const { child, said, ended } = start(['-e', "console.log('ready now'); setInterval(() => undefined, 1000)"], 60_000);
    await said(/(ready)/);
    child.kill(signal);
    expect(await ended).toContain(`Interrupted ${signal}`);
  }, 60_000);
});
