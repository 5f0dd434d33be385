import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { poolMetrics } from '../../src/api/protocol.ts';
import { checks } from '../../src/conformance/checks.ts';
import { otherSizes } from '../../src/conformance/sizes.ts';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const page = read('worker-pool-protocol.md');
const headings = new Set([...page.matchAll(/^#+ (.+)$/gmu)].map(([, heading]) => heading));

describe('conformance and its page', () => {
  it.each(checks.map(({ name, section }) => [name, section]))('%s points to a heading that there is: %s', (_name, section) => {
    expect(headings.has(section)).toBe(true);
  });

  it('has every metric of the protocol on the page', () => {
    for (const metric of Object.values(poolMetrics)) expect(page).toContain(metric);
  });

  it('names every check in docs/conformance.md', () => {
    for (const { name } of checks) expect(read('conformance.md')).toContain(`\`${name}\``);
  });
});

describe('sizes to try', () => {
  const limits = { threads: { min: 1, max: 64 }, processes: { min: 1, max: 4 } };
  const state = (threads: number, processes: number, live: { threads: boolean; processes: boolean }) =>
    ({ threads, processes, limits, live, generation: 1, objectiveMs: 30, model: 'threads', knob: 'threads', gil: 'on' }) as const;
  it.each([
    ['both knobs', state(3, 1, { threads: true, processes: true }), ['6x1', '6x2', '2x2', '2x1', '3x1']],
    ['threads only', state(3, 1, { threads: true, processes: false }), ['6x1', '2x1', '3x1']],
    ['processes only', state(3, 1, { threads: false, processes: true }), ['3x2', '3x1']],
    ['at the upper limits', state(64, 4, { threads: true, processes: true }), ['32x4', '64x4']],
    ['nothing live', state(3, 1, { threads: false, processes: false }), []],
  ])('%s', (_name, from, sizes) => {
    expect(otherSizes(from).map(({ threads, processes }) => `${threads}x${processes}`)).toEqual(sizes);
  });
});
