import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { uniqueName } from '../../protocol/unique-name';

test.each([
  ['OpenAI', [], 'OpenAI'],
  ['OpenAI', ['OpenAI'], 'OpenAI 2'],
  ['OpenAI', ['OpenAI', 'OpenAI 2', 'OpenAI 4'], 'OpenAI 3'],
  ['OpenAI 2', ['OpenAI', 'OpenAI 2'], 'OpenAI 3'],
])('%s beside %j is called %s', (name, taken, expected) => {
  expect(uniqueName(name, taken)).toBe(expected);
});

test('a name of any length stays within its bound', () => {
  const long = 'x'.repeat(limits.nameChars);
  expect(uniqueName(long, [long]).length).toBeLessThanOrEqual(limits.nameChars);
});
