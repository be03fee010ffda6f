/** Reads SECURITY.md: whatever it says is shown by a test has one, and each invariant is shown. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { faults } from './support/faults/faults';

const root = fileURLToPath(new URL('..', import.meta.url));
const document = readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** The numbers with which the names of tests begin: `T64 a secret with any byte flipped does not open`. */
const shown = new Set(
  readdirSync(join(root, 'tests'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:test|e2e)\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    // Behind `test(`, or behind the table of `test.each(`.
    .flatMap((text) => [...text.matchAll(/\(\s*['"`]((?:T\d+ )+)/g)])
    .flatMap(([, numbers = '']) => numbers.trim().split(' ')),
);

/** What backends do wrong is played from a table, in all wire formats: tests/background/faults.test.ts and `npm run test:faults`. */
const played = new Set<string>(faults.map(({ test: number }) => number));

/** Of T77 to T122, the faults, the deaths, the private and the supplied: what no test shows, and why. */
const unshown: Readonly<Record<string, string>> = {
  T115: 'Oriel writes no report of its state that anybody could send.',
};

const invariants = [...document.matchAll(/^\| (I\d+) \|.*\| ([^|]*) \|$/gm)].map(([, name = '', numbers = '']) => ({
  name,
  numbers: numbers.split(' '),
}));

test('T125 every test that SECURITY.md names is there', () => {
  const named = [...document.matchAll(/\bT\d+\b/g)].map(([number]) => number);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((number) => !shown.has(number))).toEqual([]);
});

test('T125 each of the invariants I1 to I11 is shown by at least one test', () => {
  expect(invariants.map(({ name }) => name)).toEqual(Array.from({ length: 11 }, (_none, at) => `I${at + 1}`));
  for (const { name, numbers } of invariants) {
    expect(numbers, name).not.toEqual([]);
    for (const number of numbers) expect(number, name).toMatch(/^T\d+$/);
  }
});

test('T125 each of T77 to T122 is shown by a test or left out for a reason', () => {
  const numbers = Array.from({ length: 122 - 77 + 1 }, (_none, at) => `T${77 + at}`);
  const isShown = (number: string) => shown.has(number) || played.has(number);
  expect(numbers.filter((number) => !isShown(number) && !(number in unshown))).toEqual([]);
  expect(Object.keys(unshown).filter(isShown)).toEqual([]);
});

test('T125 the reading of test names works: known ones are found, others and mere mentions are not', () => {
  for (const number of ['T7', 'T13', 'T42', 'T118', 'T125']) expect(shown).toContain(number);
  // Two numbers before one name.
  expect(shown).toContain('T8');
  for (const number of ['T0', 'T999']) expect(shown).not.toContain(number);
});
