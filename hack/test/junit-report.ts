/** Counts out of pytest's JUnit report. @module */
import { z } from 'zod';
import type { Counts } from './summary.ts';

const count = z.coerce.number().int().nonnegative();

const attributes = z.object({ tests: count, failures: count, errors: count, skipped: count });

/** How the reason of a skip begins that CI allows; python/tests/conftest.py writes it. */
const excusedReason = 'no free-threaded interpreter';

/** Attribute values hold no `"` and no `>`: an XML writer escapes both. */
const attributesOf = (tag: string): Record<string, string> =>
  Object.fromEntries([...tag.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));

/**
 * Tests that passed, failed and were skipped. A file that could not be loaded and a fixture that broke count as failed tests.
 *
 * @throws when the text is not a report of pytest
 */
export const countsOfJunit = (xml: string): Counts => {
  const suite = /<testsuite\s[^>]*>/.exec(xml)?.[0];
  if (suite === undefined) throw new Error('there is no <testsuite> in it');
  const { tests, failures, errors, skipped } = attributes.parse(attributesOf(suite));
  const reasons = [...xml.matchAll(/<skipped\s[^>]*>/g)].map(([tag]) => attributesOf(tag)['message'] ?? '');
  const excused = reasons.filter((reason) => reason.startsWith(excusedReason)).length;
  return { passed: Math.max(0, tests - failures - errors - skipped), failed: failures + errors, skipped, excused };
};
