import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const heap = join(process.cwd(), 'src', 'cli', 'operator-heap.ts');

/** Most that the young generation of a process took while much of what it allocated lived on, MB. */
const youngMegabytes = (first: string): number => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    ${first}
    const kept = [];
    let most = 0;
    for (let round = 0; round < 300; round += 1) {
      kept[round % 20] = Array.from({ length: 20_000 }, (_, index) => ({ index }));
      most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
    }
    console.log(most / 1e6);`;
  return Number(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { env: { PATH: process.env['PATH'] } }));
};

describe('the heap of plateau operator', () => {
  it('has a young generation that does not grow, with flags that this Node still knows', () => {
    expect(youngMegabytes(`(await import(${JSON.stringify(heap)})).keepHeapSmall();`)).toBeLessThan(12);
    // Else the test would prove nothing.
    expect(youngMegabytes('')).toBeGreaterThan(16);
  });
});
