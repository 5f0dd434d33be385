import { describe, expect, it } from '@jest/globals';
import { countsOf } from '../../hack/test/jest-report.ts';
import { countsOfJunit } from '../../hack/test/junit-report.ts';
import { parseSelection, parts } from '../../hack/test/selection.ts';
import { exitCode, lastLine, table, total } from '../../hack/test/summary.ts';

describe('parseSelection', () => {
  it.each([
    [[], { parts, paths: [] }],
    [['unit'], { parts: ['unit'], paths: [] }],
    [['integration', 'lint'], { parts: ['lint', 'integration'], paths: [] }],
    [['unit', 'kube'], { parts: ['unit'], paths: ['kube'] }],
    [['test/kube'], { parts: ['unit'], paths: ['test/kube'] }],
    [['./test/kube/watch.test.ts'], { parts: ['unit'], paths: ['./test/kube/watch.test.ts'] }],
    [['test/integration/crd.test.ts'], { parts: ['integration'], paths: ['test/integration/crd.test.ts'] }],
    [['test/kube', 'test/integration/crd'], { parts: ['unit', 'integration'], paths: ['test/kube', 'test/integration/crd'] }],
    [['python/tests/features'], { parts: ['python'], paths: ['python/tests/features'] }],
    [['examples/go-feature-server'], { parts: ['go'], paths: ['examples/go-feature-server'] }],
    [['./python/tests', 'test/kube'], { parts: ['unit', 'python'], paths: ['./python/tests', 'test/kube'] }],
    [['python', 'features'], { parts: ['python'], paths: ['features'] }],
    [['leader'], { parts: ['unit', 'integration'], paths: ['leader'] }],
  ])('%j', (words, expected) => {
    expect(parseSelection(words)).toEqual(expected);
  });

  it('refuses an option and shows the usage', () => {
    expect(() => parseSelection(['unit', '--watch'])).toThrow(/unknown option --watch\nusage: npm test/);
  });
});

describe('countsOf', () => {
  const report = (more: Record<string, unknown>): string =>
    JSON.stringify({ success: true, numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numRuntimeErrorTestSuites: 0, ...more });

  it.each([
    ['all passed', {}, { passed: 5, failed: 0, skipped: 0, excused: 0 }],
    ['a test failed', { success: false, numFailedTests: 2 }, { passed: 5, failed: 2, skipped: 0, excused: 0 }],
    ['a file could not be loaded', { success: false, numRuntimeErrorTestSuites: 1 }, { passed: 5, failed: 1, skipped: 0, excused: 0 }],
    ['skipped and still to do', { numPendingTests: 3, numTodoTests: 1 }, { passed: 5, failed: 0, skipped: 4, excused: 0 }],
    [
      'one of two skips is for want of a free-threaded Python',
      { numPendingTests: 2, testResults: [{ assertionResults: [{ fullName: 'a with free-threaded Python', status: 'pending' }, { fullName: 'a with Redis', status: 'pending' }, { fullName: 'b with free-threaded Python', status: 'passed' }] }] },
      { passed: 5, failed: 0, skipped: 2, excused: 1 },
    ],
    ['unsuccessful for no visible reason', { success: false }, { passed: 5, failed: 1, skipped: 0, excused: 0 }],
  ])('%s', (_, more, expected) => {
    expect(countsOf(report(more))).toEqual(expected);
  });

  it.each(['', '{}', report({ numPassedTests: -1 })])('refuses %j', (text) => {
    expect(() => countsOf(text)).toThrow();
  });
});

describe('countsOfJunit', () => {
  const report = (attributes: string, cases = ''): string =>
    `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" ${attributes} time="1.5">${cases}</testsuite></testsuites>`;
  const skip = (message: string): string => `<testcase name="a"><skipped type="pytest.skip" message="${message}">tests/a.py:1: why</skipped></testcase>`;

  it.each([
    ['all passed', report('errors="0" failures="0" skipped="0" tests="5"'), { passed: 5, failed: 0, skipped: 0, excused: 0 }],
    ['a test and a fixture failed', report('errors="1" failures="2" skipped="0" tests="5"'), { passed: 2, failed: 3, skipped: 0, excused: 0 }],
    [
      'one of two skips is for want of a free-threaded Python',
      report('errors="0" failures="0" skipped="2" tests="5"', skip('no free-threaded interpreter; build one') + skip('no redis-server; &quot;no free-threaded interpreter&quot;')),
      { passed: 3, failed: 0, skipped: 2, excused: 1 },
    ],
  ])('%s', (_, xml, expected) => {
    expect(countsOfJunit(xml)).toEqual(expected);
  });

  it.each(['', '<testsuites></testsuites>', report('errors="0"'), report('errors="x" failures="0" skipped="0" tests="5"')])('refuses %j', (text) => {
    expect(() => countsOfJunit(text)).toThrow();
  });
});

describe('summary', () => {
  const results = [
    { name: 'lint', passed: 1, failed: 0, skipped: 0, seconds: 1.04 },
    { name: 'unit', passed: 40, failed: 2, skipped: 1, seconds: 12.3 },
    { name: 'integration', passed: 7, failed: 0, skipped: 20, seconds: 60, note: 'LEFT OUT: much' },
  ];

  it('adds up all parts', () => {
    expect(lastLine(total(results))).toBe('48 passed, 2 failed, 21 skipped');
    expect(total([{ passed: 1, failed: 0, skipped: 2, excused: 1 }, { passed: 1, failed: 0, skipped: 1 }])).toEqual({ passed: 2, failed: 0, skipped: 3, excused: 1 });
    expect(lastLine(total([]))).toBe('0 passed, 0 failed, 0 skipped');
  });

  it.each([
    [{ passed: 9, failed: 0, skipped: 0 }, true, 0],
    [{ passed: 9, failed: 1, skipped: 0 }, false, 1],
    [{ passed: 9, failed: 0, skipped: 2 }, false, 0],
    [{ passed: 9, failed: 0, skipped: 2 }, true, 1],
    [{ passed: 9, failed: 0, skipped: 2, excused: 2 }, true, 0],
    [{ passed: 9, failed: 0, skipped: 3, excused: 2 }, true, 1],
    [{ passed: 9, failed: 1, skipped: 2, excused: 2 }, true, 1],
    [{ passed: 0, failed: 0, skipped: 0 }, false, 1],
    [{ passed: 0, failed: 0, skipped: 3 }, false, 1],
  ] as const)('%j with CI %s ends with %s', (sum, ci, code) => {
    expect(exitCode(sum, ci)).toBe(code);
  });

  it('shows a line for each part with its note at the end', () => {
    expect(table(results).split('\n')).toEqual([
      'part         passed failed skipped     time',
      'lint              1      0       0    1.0 s',
      'unit             40      2       1   12.3 s',
      'integration       7      0      20   60.0 s  LEFT OUT: much',
    ]);
  });
});
