import { expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));

import { bytes, estimate, modelFacts, moment } from '../../components/format';
import { formatsOf, list } from '../../components/language';
import { modelChoices } from '../../components/model-choices';
import { toMicroUsd } from '../../protocol/ids';

test.each([
  [0.0001, 'Less than $0.01'],
  [0.01, 'About $0.01'],
  [0.0123, 'About $0.02'],
  [12, 'About $12.00'],
])('an estimate of %d dollars is told as "%s"', (usd, said) => {
  expect(estimate(toMicroUsd(usd))).toBe(said);
});

test.each([
  [{}, ''],
  [{ contextTokens: 131_072 }, '128K context'],
  [{ contextTokens: 400_000 }, '400K context'],
  [{ contextTokens: 1_048_576 }, '1M context'],
  [{ pricing: { input: toMicroUsd(0), output: toMicroUsd(0) } }, 'Free'],
  [{ pricing: { input: toMicroUsd(0.075), output: toMicroUsd(0.3) } }, '$0.075 in, $0.30 out per 1M'],
  [{ pricing: { input: toMicroUsd(1) } }, ''],
])('of a model with %j is said "%s"', (known, said) => {
  expect(modelFacts({ id: 'm', name: 'm', ...known })).toBe(said);
});

test.each([
  [900, '1 kB'],
  [103_000_000, '103 MB'],
  [1_110_000_000, '1.1 GB'],
])('%d bytes are "%s"', (count, said) => {
  expect(bytes(count)).toBe(said);
});

test('today has a time, other days a date', () => {
  const noon = new Date(2026, 10, 3, 12, 0).getTime();
  expect(moment(noon, noon + 3_600_000)).toBe('12:00');
  expect(moment(noon, noon + 24 * 3_600_000)).toContain('2026');
});

test('a typed text leaves the models that hold all its words, and itself', () => {
  const models = Array.from({ length: 100 }, (_, index) => ({ id: `model-${index}`, name: `Model ${index}` }));
  expect(modelChoices(models, '')).toMatchObject({ found: 100 });
  expect(modelChoices(models, '9')).toMatchObject({ found: 19 });
  expect(modelChoices(models, '99 model').choices.map(({ id }) => id)).toEqual(['model-99', '99 model']);
});

test('a name that is typed whole comes first', () => {
  const models = ['gpt-5-mini', 'gpt-5'].map((id) => ({ id, name: id }));
  expect(modelChoices(models, 'gpt-5').choices.map(({ id }) => id)).toEqual(['gpt-5', 'gpt-5-mini']);
  expect(modelChoices(models, '').choices.map(({ id }) => id)).toEqual(['gpt-5-mini', 'gpt-5']);
});

test.each([
  ['en-GB', 'en-GB'],
  ['en', 'en'],
  ['fr-FR', 'en'],
  ['zh-TW', 'en'],
])('where the browser speaks %s beside English texts, numbers and dates are written as in %s', (browsers, expected) => {
  expect(formatsOf(browsers)).toBe(expected);
});

test('a list has the commas of the language and no "and"', () => {
  expect(list(['one', 'two', 'three'])).toBe('one, two, three');
});

test('starred models come first, in the order of the list; one that is typed in full comes before them', () => {
  const models = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: id }));
  expect(modelChoices(models, '', ['d', 'b', 'gone']).choices.map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c']);
  expect(modelChoices(models, 'a', ['d']).choices.map(({ id }) => id)).toEqual(['a']);
});
