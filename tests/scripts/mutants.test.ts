/** Mutants do not rot: what `npm run test:mutants` would replace is there, once, and so are the tests that should find it. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Mutant {
  readonly name: string;
  readonly reason: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly tests: readonly string[];
}

// By its path alone, since scripts are no part of what is type-checked.
const data: string = '../../scripts/mutants.mjs';
const { mutants } = (await import(data)) as { mutants: readonly Mutant[] };

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('T126 mutant: %s', (_name, mutant) => {
  const { file, find, replace, reason, tests } = mutant;
  expect(readFileSync(file, 'utf8').split(find).length - 1, `how often its text stands in ${file}`).toBe(1);
  expect(replace).not.toBe(find);
  expect(reason).toMatch(/\.$/);
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter((path) => !existsSync(path))).toEqual([]);
});

test('T126 there are at least 40 mutants, each with a name of its own', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(40);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});
