import { beforeAll, describe, expect, it } from '@jest/globals';
import { checks } from '../../../src/conformance/checks.ts';
import type { Result } from '../../../src/conformance/run.ts';
import { failedIn, inParallel, runWithStore } from '../../conformance/support.ts';
import { faults } from '../../conformance/wrong-server/faults.ts';
import type { Fault } from '../../conformance/wrong-server/faults.ts';

/** Checks that take no time: they run on every wrong server, and only those that should fail. */
const quickOnes = [
  'configuration-file', 'health', 'serves', 'metrics-format', 'metrics-present', 'metrics-info', 'histogram-edges', 'pool-state', 'put-token', 'put-body', 'put-huge', 'put-generation', 'put-repeated', 'put-limits',
  'objective-edge', 'put-in-force', 'counters-rise',
];

interface Row {
  readonly fault: Fault;
  /** Exactly these fail. */
  readonly fails: readonly string[];
  /** Measures against the cores' speed, so that nothing else may run beside it. */
  readonly alone?: boolean;
  /** Instead of the quick ones and those in `fails`. */
  readonly run?: readonly string[];
}

const rows: readonly Row[] = [
  { fault: 'garbage-line', fails: ['metrics-format'] },
  { fault: 'nan-sample', fails: ['metrics-format'] },
  { fault: 'no-generation', fails: ['configuration-file', 'metrics-present', 'pool-state', 'put-in-force'] },
  { fault: 'arrivals-a-gauge', fails: ['metrics-present'] },
  { fault: 'requests-without-code', fails: ['metrics-present'], run: quickOnes.filter((name) => name !== 'objective-edge') },
  { fault: 'gil-maybe', fails: ['metrics-info'] },
  { fault: 'coarse-edges', fails: ['histogram-edges'] },
  { fault: 'no-objective-edge', fails: ['histogram-edges', 'objective-edge'] },
  { fault: 'objective-edge-stays', fails: ['objective-edge'] },
  { fault: 'buckets-not-cumulative', fails: ['histogram-edges'] },
  { fault: 'threads-one-more', fails: ['configuration-file', 'pool-state', 'put-in-force'] },
  { fault: 'forgets-requests', fails: ['counts'] },
  { fault: 'never-at-rest', fails: ['counts'], run: ['serves', 'counts'] },
  { fault: 'inflight-doubled', fails: ['littles-law'] },
  { fault: 'busy-counts-the-queue', fails: ['littles-law'] },
  { fault: 'store-observed-twice', fails: ['observations'] },
  { fault: 'no-cpu', fails: ['observations'] },
  { fault: 'over-objective-zero', fails: ['over-objective'] },
  { fault: 'latency-in-the-handler', fails: ['visible-p95'], alone: true },
  { fault: 'falls-on-resize', fails: ['counters-rise'], run: ['serves', 'metrics-present', 'put-in-force', 'counters-rise'] },
  { fault: 'forgets-the-dead', fails: ['killed-process', 'counters-rise'] },
  { fault: 'dead-stay-dead', fails: ['killed-process'] },
  { fault: 'late-configuration', fails: ['configuration-file'], run: ['configuration-file', 'health'] },
  { fault: 'defaults-for-a-wrong-file', fails: ['configuration-refused'] },
  { fault: 'refuses-without-the-name', fails: ['configuration-refused'] },
  { fault: 'no-healthz', fails: ['health'] },
  { fault: 'readyz-without-json', fails: ['health'] },
  { fault: 'no-features', fails: ['serves'] },
  { fault: 'any-token', fails: ['put-token'] },
  { fault: 'beginning-of-the-token', fails: ['put-token'] },
  { fault: 'garbage-is-no-change', fails: ['put-body'] },
  { fault: 'texts-as-numbers', fails: ['put-body'] },
  { fault: 'huge-bodies', fails: ['put-huge'] },
  { fault: 'stale-generation', fails: ['put-generation'], run: ['health', 'put-generation', 'put-token'] },
  { fault: 'same-generation-other-body', fails: ['put-generation'] },
  { fault: 'repeat-refused', fails: ['put-repeated'] },
  { fault: 'limits-ignored', fails: ['put-limits'] },
  { fault: 'limits-clamped', fails: ['put-limits'] },
  { fault: 'answers-before-in-force', fails: ['put-in-force'], run: ['health', 'put-in-force', 'put-token'] },
  { fault: 'shows-a-state-without-live', fails: ['configuration-file', 'pool-state'], run: ['configuration-file', 'health', 'serves', 'metrics-format', 'metrics-present', 'pool-state'] },
  { fault: 'drops-on-resize', fails: ['resize-kept-connections', 'resize-new-connections'] },
  { fault: 'limit-ignored', fails: ['pool-limit'] },
  { fault: 'admin-waits-for-a-place', fails: ['full-pool'], run: ['full-pool', 'health'] },
  { fault: 'refuses-without-retry-after', fails: ['shedding'] },
  { fault: 'refuses-uncounted', fails: ['shedding'] },
  { fault: 'connections-for-ever', fails: ['connection-age'] },
  { fault: 'ages-without-jitter', fails: ['connection-age'] },
  { fault: 'closes-without-a-word', fails: ['connection-age'] },
  { fault: 'store-lost-500', fails: ['store-loss'] },
  { fault: 'store-lost-unready', fails: ['store-loss'] },
  { fault: 'store-lost-no-word', fails: ['store-loss'] },
  { fault: 'store-lost-for-ever', fails: ['store-loss'] },
  { fault: 'store-lost-null', fails: ['store-loss'] },
  { fault: 'store-silent-wait', fails: ['store-silence'] },
  { fault: 'stays-ready', fails: ['sigterm'] },
  { fault: 'stops-accepting', fails: ['sigterm'] },
  { fault: 'drops-in-flight', fails: ['sigterm'] },
  { fault: 'exits-with-1', fails: ['sigterm'] },
  { fault: 'keeps-connections', fails: ['sigterm'] },
  { fault: 'never-ends', fails: ['sigterm'] },
];

/** Rows wait more than they work. */
const atOnce = 5;

const tryRow = ({ fault, fails, run }: Row): Promise<Result[]> => {
  const only = [...new Set([...(run ?? quickOnes), ...fails])];
  return runWithStore(fault, { only, terminationGraceMs: fault === 'never-ends' ? 4000 : 30_000 });
};

/** What needs the cores for itself is "not checked" while other programs use them; a few tries find a quiet moment. */
const tryAgain = async (row: Row): Promise<Result[]> => {
  let results = await tryRow(row);
  for (let tries = 1; tries < 4 && results.some(({ finding }) => finding.kind === 'notChecked'); tries++) results = await tryRow(row);
  return results;
};

describe('a wrong server fails where it is wrong', () => {
  let found: Result[][] = [];
  beforeAll(async () => {
    found = await inParallel(rows, atOnce, (row) => (row.alone === true ? Promise.resolve([]) : tryAgain(row)));
    for (const [index, row] of rows.entries()) if (row.alone === true) found[index] = await tryAgain(row);
  }, 900_000);

  it.each(rows.map((row, index) => ({ ...row, index })))('$fault: $fails', ({ fails, index }) => {
    const results = found[index] ?? [];
    const told = results.filter(({ finding }) => finding.kind !== 'pass').map(({ check, finding }) => ({ name: check.name, finding }));
    expect({ failed: failedIn(results), told }).toEqual({ failed: fails, told });
    expect(told.filter(({ finding }) => finding.kind === 'notChecked')).toEqual([]);
  });

  it('tries every fault, and every check that can fail', () => {
    expect(rows.map(({ fault }) => fault).toSorted()).toEqual([...faults].toSorted());
    expect([...new Set(rows.flatMap(({ fails }) => fails))].toSorted()).toEqual(checks.map(({ name }) => name).toSorted());
  });
});

describe('the same server without a fault', () => {
  it('passes every check', async () => {
    let results = await runWithStore(undefined, { quick: false });
    // One check needs quiet cores, and says so when it had none.
    for (let tries = 1; tries < 3 && results.some(({ finding }) => finding.kind === 'notChecked'); tries++) results = await runWithStore(undefined, { quick: false });
    expect(results.filter(({ finding }) => finding.kind !== 'pass').map(({ check, finding }) => ({ name: check.name, finding }))).toEqual([]);
    expect(results.map(({ check }) => check.name)).toEqual(checks.map(({ name }) => name));
  }, 600_000);
});
