import { describe, expect, it } from '@jest/globals';
import { countsOfGo } from '../../hack/test/go-part.ts';

const lines = (...events: object[]): string => events.map((event) => JSON.stringify(event)).join('\n');

describe('counts of go test', () => {
  it.each([
    ['tests and their rows count, packages do not', lines({ Action: 'run', Test: 'A' }, { Action: 'pass', Test: 'A/row' }, { Action: 'pass', Test: 'A' }, { Action: 'pass' }), { passed: 2, failed: 0, skipped: 0 }],
    ['a failed test fails its package, which is not counted twice', lines({ Action: 'fail', Test: 'A' }, { Action: 'skip', Test: 'B' }, { Action: 'fail' }), { passed: 0, failed: 1, skipped: 1 }],
    ['a package that does not build is one failure', lines({ Action: 'output', Output: 'undefined: x' }, { Action: 'fail' }), { passed: 0, failed: 1, skipped: 0 }],
    ['what is no event is left out', 'go: downloading x v1\n', { passed: 0, failed: 0, skipped: 0 }],
  ])('%s', (_name, output, expected) => {
    expect(countsOfGo(output)).toEqual(expected);
  });
});
