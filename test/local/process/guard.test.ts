import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startGuarded, stopGuarded } from '../../../src/local/process/guard.ts';
import { readGroupUsage } from '../../../src/local/process/group-usage.ts';

const node = process.execPath;
const waitUntil = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('a guarded process', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-guard-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['its own exit code', 'process.exit(7)', 7],
    ['128 plus the number of the signal that ended it', 'process.kill(process.pid, "SIGKILL")', 137],
  ])('reports %s', async (_, code, expected) => {
    const guarded = startGuarded({ argv: [node, '-e', code], env: process.env });
    await expect(guarded.ended).resolves.toEqual({ code: expected });
  });

  it('lets a program finish its work after SIGTERM and then ends with its code', async () => {
    const program = 'process.on("SIGTERM", () => setTimeout(() => process.exit(5), 50)); setInterval(() => {}, 1000); console.log("up")';
    const guarded = startGuarded({ argv: [node, '-e', program], env: process.env });
    await once(guarded.child.stdout ?? process.stdin, 'data');
    await expect(stopGuarded(guarded, 10_000)).resolves.toEqual({ code: 5 });
  });

  it('kills the whole group of a program that ignores SIGTERM', async () => {
    const program = `
      process.on("SIGTERM", () => {});
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      console.log(child.pid); setInterval(() => {}, 1000);`;
    const guarded = startGuarded({ argv: [node, '-e', program], env: process.env });
    const [line] = await once(guarded.child.stdout ?? process.stdin, 'data');
    await stopGuarded(guarded, 100);
    await waitUntil(() => !alive(Number(String(line))));
    // A member that was killed takes a moment to go.
    await waitUntil(() => readGroupUsage().get(guarded.pid) === undefined);
  });

  it('kills what a program leaves behind when it ends', async () => {
    const program = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {stdio: "ignore"});
      console.log(child.pid); child.unref();`;
    const guarded = startGuarded({ argv: [node, '-e', program], env: process.env });
    const [line] = await once(guarded.child.stdout ?? process.stdin, 'data');
    await guarded.ended;
    await waitUntil(() => !alive(Number(String(line))));
  });

  it('ends with everything it started when the parent is killed with SIGKILL', async () => {
    const parent = join(folder, 'parent.ts');
    writeFileSync(parent, `
      import { startGuarded } from ${JSON.stringify(join(process.cwd(), 'src/local/process/guard.ts'))};
      const program = 'const c = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]); console.log(process.pid + " " + c.pid); setInterval(() => {}, 1000)';
      const guarded = startGuarded({ argv: [process.execPath, '-e', program], env: process.env });
      guarded.child.stdout?.on('data', (line) => console.log(guarded.pid + ' ' + line));
      setInterval(() => {}, 1000);`);
    const process1 = spawn(node, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: process1.stdout }), 'line');
    const pids = String(line).trim().split(' ').map(Number);
    expect(pids).toHaveLength(3);
    expect(pids.every(alive)).toBe(true);
    process1.kill('SIGKILL');
    await waitUntil(() => !pids.some(alive));
  });
});

describe('readGroupUsage', () => {
  it('counts what a program has started in a session of its own with the program, when its group is asked for', async () => {
    // As a server does that gives its serving processes a session of their own.
    const script = `const { spawn } = require('node:child_process'); const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { detached: true }); console.log(child.pid); process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(0); }); setTimeout(() => {}, 60000);`;
    const guarded = startGuarded({ argv: [process.execPath, '-e', script], env: process.env });
    try {
      const child = Number(String(await new Promise((resolve) => guarded.child.stdout?.once('data', resolve))).trim());
      expect(readGroupUsage().get(guarded.pid)?.pids).not.toContain(child);
      const usage = readGroupUsage({ known: new Set([guarded.pid]) });
      expect(usage.get(guarded.pid)?.pids).toContain(child);
      expect(usage.get(child)).toBeUndefined();
      expect(readGroupUsage({ known: new Set([guarded.pid, child]) }).get(child)?.pids).toEqual([child]);
    } finally {
      await stopGuarded(guarded, 5_000);
    }
  });

  it('counts the processes of a group and their CPU', async () => {
    const busy = 'const end = Date.now() + 200; while (Date.now() < end); console.log("done"); setInterval(() => {}, 1000)';
    const guarded = startGuarded({ argv: [node, '-e', busy], env: process.env });
    await once(guarded.child.stdout ?? process.stdin, 'data');
    const usage = readGroupUsage().get(guarded.pid);
    expect(usage?.cpuSeconds).toBeGreaterThan(0.02);
    expect(usage?.pids).toContain(guarded.pid);
    await stopGuarded(guarded, 5_000);
  });

  it('is empty where there is no /proc', () => {
    expect(readGroupUsage({ root: '/nonexistent' }).size).toBe(0);
  });
});
