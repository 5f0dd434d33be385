import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { RecommendInput } from '../../../src/core/autoscale/types.ts';
import { readInput, readRecord, recordLine } from '../../../src/core/decisions/record.ts';
import { recommendationSchema } from '../../../src/core/decisions/output-schema.ts';
import { fleet, input, pod, pods, spec, start } from '../autoscale/support/fleet.ts';

const object = { namespace: 'shop', name: 'ranking', uid: 'u1' };
const small = { replicas: 2, threads: 8, processes: 1 };
const evaluationOf = (given: RecommendInput) => ({ object, input: given, output: recommend(given) });
const lineOf = (given: RecommendInput): string => recordLine(evaluationOf(given));

const strange = fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1e300, 0.1);
const anyInput: fc.Arbitrary<RecommendInput> = fc
  .record({
    rate: fc.double({ min: 0, max: 3000, noNaN: true }),
    count: fc.integer({ min: 0, max: 6 }),
    spoilt: fc.subarray(['arrivals', 'cpuSeconds', 'inflightSeconds', 'threads', 'ageSeconds'] as const),
    value: strange,
    edge: strange,
    hasMemory: fc.boolean(),
    blocked: fc.option(fc.record({ reason: fc.constantFrom('Quota', 'Unschedulable', 'Image'), message: fc.string({ unit: 'binary' }), since: strange })),
    limit: fc.option(strange),
  })
  .map(({ rate, count, spoilt, value, edge, hasMemory, blocked, limit }) => {
    const healthy = pods(count, { rate });
    const spoiltSample = { ...Object.fromEntries(spoilt.map((name) => [name, value])), store: { edges: [0.1, edge], counts: [1, value, 2], sum: value } };
    const all = [...healthy, pod('spoilt', { rate, sample: spoiltSample, pod: { coreLimit: limit } }), pod('silent', { rate, pod: { readyAt: null } })];
    const windows = fleet(small, all, { blocked });
    const memory = hasMemory ? recommend(input(fleet(small, healthy), { now: start - 5000 })).memory : null;
    return input(windows, { memory });
  });

describe('a record', () => {
  it('gives the same decision again once it was written and read, whatever the pods said', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        const read = readRecord(lineOf(given));
        if (!read.ok) throw new Error(read.problem);
        expect(read.value.input).toEqual(given);
        expect(recommend(read.value.input)).toEqual(read.value.output);
        expect(recordLine({ object, input: read.value.input, output: recommend(read.value.input) })).toBe(lineOf(given));
      }),
      { numRuns: 60 },
    );
  });

  it('writes numbers that JSON cannot hold as words', () => {
    const line = lineOf(input(fleet(small, [pod('lies', { rate: 10, sample: { arrivals: NaN, cpuSeconds: Infinity } })])));
    expect(line).toContain('"arrivals":"NaN"');
    expect(line).toContain('"cpuSeconds":"Infinity"');
  });

  it('is one line that says when, of what, and both sides', () => {
    const line = lineOf(input(fleet(small, pods(2, { rate: 100 }))));
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ version: 1, object, at: '2026-03-01T00:00:00.000Z', input: { now: start }, output: { class: expect.any(String), scale: small } });
  });

  it.each([
    ['an empty object', '{}', /^version: .*; object: .*; at: .*; and \d+ more$/],
    ['half a line', lineOf(input(fleet(small, pods(2, { rate: 100 })))).slice(0, 300), /^not JSON; its 300 characters end in /],
    ['a bare NaN', '{"version":1,"now":NaN}', /^not JSON; its 23 characters/],
    ['a list', '[]', /expected object/],
    ['another version', lineOf(input(fleet(small, []))).replace('"version":1', '"version":9'), /^version: /],
    ['a wrong field deep inside', lineOf(input(fleet(small, pods(1, { rate: 100 })))).replace('"ready":true', '"ready":"yes"'), /^input\.windows\.pods\[0\]\.ready: .*boolean/],
    ['a word for a number', lineOf(input(fleet(small, []))).replace('"objectiveMs":50', '"objectiveMs":"50ms"'), /^input\.spec\.objectiveMs: .*expected number/],
  ])('refuses %s and says where', (_name, line, problem) => {
    expect(readRecord(line)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.anything().map((value) => JSON.stringify(value) ?? '')), (line) => expect(readRecord(line).ok).toBe(false)));
  });
});

describe('the schemas', () => {
  it('take an input without memory as one with none', () => {
    const { memory: _memory, ...rest } = input(fleet(small, pods(1, { rate: 10 })));
    expect(readInput(JSON.stringify(rest))).toEqual({ ok: true, value: { ...rest, memory: null } });
  });

  it('accept every answer, and lose none of it', () => {
    fc.assert(fc.property(anyInput, (given) => expect(recommendationSchema.parse(recommend(given))).toEqual(recommend(given))), { numRuns: 30 });
    const busy = recommend(input(fleet(small, pods(2, { rate: 900 })), { spec: spec({ replicas: { max: 3 } }) }));
    expect(recommendationSchema.parse(busy)).toEqual(busy);
  });
});
