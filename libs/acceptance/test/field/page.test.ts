import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/* The page that lists the scenarios, and the tests that play them, both read as text. */

const FIELD = import.meta.dirname;
const PAGE = join(FIELD, '../../../../docs/field-scenarios.md');

/** Number and test file of every scenario that the page lists. */
function listed(): string[] {
  const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| (F\d+) +\|.*\| +`([a-z-]+\.test\.ts)` +\|$/gm);
  return [...rows].map(([, id = '', file = '']) => `${id} ${file}`);
}

/** Number and file of every scenario that is played: what a title in quotes begins with. */
function played(): string[] {
  const files = readdirSync(FIELD).filter((name) => name.endsWith('.test.ts'));
  return files.flatMap((file) =>
    [...readFileSync(join(FIELD, file), 'utf8').matchAll(/'(F\d+) /g)].map(([, id = '']) => `${id} ${file}`),
  );
}

test('every scenario of the page is a test, every test is on the page, and no number is used twice', () => {
  const [onPage, inTests] = [listed(), played()];
  expect(onPage.length).toBeGreaterThan(30);
  expect([...inTests].sort()).toEqual([...onPage].sort());
  const numbers = onPage.map((row) => row.split(' ', 1)[0]);
  expect(new Set(numbers).size).toBe(numbers.length);
});
