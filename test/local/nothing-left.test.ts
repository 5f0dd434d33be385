import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reportSchema } from '../../src/local/report/report.ts';
import { descendantsOf, isAlive, startLocal, startUnderNpm, until } from './support/local-command.ts';

const linux = process.platform === 'linux' ? describe : describe.skip;

linux('plateau local leaves nothing running', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-nothing-left-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('after %s in the middle of a run', async (signal, code) => {
    const report = join(folder, 'report.json');
    const run = startLocal(['--duration', '300s', '--scale', '0.2', '--report', report]);
    await run.until(/req\/s {2}p95 \d/u);
    const [, kubeconfig = ''] = /--kubeconfig (\S+)/u.exec(run.output()) ?? [];
    const processes = descendantsOf(run.child.pid ?? 0);
    // At least the operator, the load generator and one pod, each under its guard.
    expect(processes.length).toBeGreaterThanOrEqual(6);
    run.child.kill(signal);
    await expect(run.ended).resolves.toBe(code);
    await until(() => !processes.some(isAlive));
    if (signal === 'SIGKILL') return;
    expect(existsSync(kubeconfig)).toBe(false);
    const { requests, fleets, processIds } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    expect(requests.answered).toBeGreaterThan(0);
    expect(fleets[0]?.seconds.length).toBeGreaterThan(0);
    expect(processes.filter((pid) => !processIds.includes(pid))).toEqual([]);
  }, 120_000);

  it('after npm was killed above it', async () => {
    const run = startUnderNpm(['--duration', '300s', '--scale', '0.2']);
    await run.until(/req\/s {2}p95 \d/u);
    const processes = descendantsOf(run.child.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(8);
    run.child.kill('SIGKILL');
    await until(() => !processes.some(isAlive));
  }, 120_000);
});
