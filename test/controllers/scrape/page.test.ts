import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isPoolPage, parsePage } from '../../../src/controllers/scrape/page.ts';
import { paddedPage, poolPage, protocolEdges } from './support/pool-page.ts';

const numbers = { requests: 1000, response: 0.03, service: 0.025, store: 0.02, cpu: 4, errors: 7, threads: 6, inflight: 3, queueDepth: 2 };
const parse = (text: string) => parsePage(Buffer.from(text, 'latin1'));

describe('a metrics page', () => {
  it('is read whole', () => {
    const page = parse(poolPage(numbers));
    expect(page.counters.get('arrivals')).toBe(1000);
    expect(page.counters.get('cpuSeconds')).toBe(4);
    expect(page.labelled.get('requests')).toEqual(new Map([['2xx', 993], ['5xx', 7]]));
    expect(page.gauges).toEqual(new Map([['threads', 6], ['processes', 1], ['generation', 1], ['inflight', 3], ['queueDepth', 2]]));
    expect(page.info?.get('model')).toBe('eventloop');
    const store = page.histograms.get('storeSeconds');
    expect(store).toMatchObject({ edges: [...protocolEdges(), Infinity], sum: 20 });
    expect(store?.counts.at(-1)).toBe(1000);
    expect(isPoolPage(page)).toBe(true);
  });

  it('reads the same among other metrics, with CRLF, and in another order', () => {
    const page = parse(poolPage(numbers));
    expect(parse(paddedPage(numbers, 50_000))).toEqual(page);
    expect(parse(poolPage(numbers).replaceAll('\n', '\r\n'))).toEqual(page);
    const reversed = parse(`${poolPage(numbers).trimEnd().split('\n').reverse().join('\n')}\n`);
    expect(reversed.histograms.get('storeSeconds')).toEqual(page.histograms.get('storeSeconds'));
    expect(reversed.counters).toEqual(page.counters);
  });

  it.each([
    ['NaN', 'worker_pool_arrivals_total NaN\n', NaN],
    ['a negative counter', 'worker_pool_arrivals_total -5\n', NaN],
    ['an infinite counter', 'worker_pool_arrivals_total +Inf\n', NaN],
    ['exponents', 'worker_pool_arrivals_total 1.5e3\n', 1500],
    ['a timestamp', 'worker_pool_arrivals_total 12 1700000000000\n', 12],
    ['an exemplar', 'worker_pool_arrivals_total{a="b"} 12 # {trace_id="}x"} 0.5\n', 12],
    ['blanks', 'worker_pool_arrivals_total \t 12\n', 12],
    ['labels with escapes and braces', 'worker_pool_arrivals_total{path="C:\\\\x\\"}",b="}"} 12\n', 12],
    ['several series of one counter', 'worker_pool_arrivals_total{p="1"} 12\nworker_pool_arrivals_total{p="2"} 30\n', 42],
    ['a longer name', 'worker_pool_arrivals_total_x 12\n', undefined],
    ['an unfinished last line', 'worker_pool_arrivals_total 12', undefined],
    ['unfinished labels', 'worker_pool_arrivals_total{a="b 12\n', undefined],
    ['a number with rubbish', 'worker_pool_arrivals_total 12x\n', NaN],
    ['no number', 'worker_pool_arrivals_total\n', NaN],
    ['a number beyond exact integers', 'worker_pool_arrivals_total 12345678901234567\n', 12345678901234568],
  ])('with %s', (_name, text, expected) => {
    expect(parse(text).counters.get('arrivals')).toEqual(expected);
  });

  it('adds up the buckets of several processes', () => {
    const lines = ['1', '2'].flatMap((process) => ['0.1', '0.5', '+Inf'].map((le, index) => `worker_pool_store_seconds_bucket{process="${process}",le="${le}"} ${index + 1}`));
    expect(parse(`${lines.join('\n')}\n`).histograms.get('storeSeconds')).toMatchObject({ edges: [0.1, 0.5, Infinity], counts: [2, 4, 6] });
  });

  it('keeps a bounded number of series and edges', () => {
    const series = Array.from({ length: 5000 }, (_, index) => `worker_pool_rejected_total{reason="${index}"} 1\nworker_pool_store_seconds_bucket{le="${index}"} 1`);
    const page = parse(`${series.join('\n')}\n`);
    expect(page.labelled.get('rejected')?.size).toBe(256);
    expect(page.histograms.get('storeSeconds')?.edges.length).toBe(256);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void parsePage(Buffer.from(bytes))));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom('worker_pool_store_seconds_bucket', '{le="', '0.1', '"}', ' ', '\n', '\\', '"', '{', '}', '=', ',', 'NaN', '-1', '\r'), fc.string()), { maxLength: 60 }), (parts) => void parse(parts.join(''))),
    );
  });

  it('gives of a page that is cut anywhere only values that the whole one has', () => {
    const whole = poolPage(numbers);
    const { counters } = parse(whole);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
        for (const [name, value] of parse(whole.slice(0, length)).counters) expect(value).toBe(counters.get(name));
      }),
    );
  });

  it('reads whole numbers as the engine does', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => expect(parse(`worker_pool_arrivals_total ${value}\n`).counters.get('arrivals')).toBe(value)));
    fc.assert(fc.property(fc.double({ min: 0, max: 1e300, noNaN: true }), (value) => expect(parse(`process_cpu_seconds_total ${value}\n`).counters.get('cpuSeconds')).toBe(value)));
  });
});
