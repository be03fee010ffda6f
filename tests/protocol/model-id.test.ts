import { expect, test } from 'vitest';
import { newModelId } from '../../protocol/model-id';

test.each([
  ['Qwen3-0.6B-Q8_0.gguf', 'qwen3-0-6b-q8_0'],
  ['../../etc/passwd', 'etc-passwd'],
  ['模型', 'model'],
  ['x'.repeat(200), 'x'.repeat(60)],
])('a model called %j gets a folder called %j', (name, id) => {
  expect(newModelId(name, [])).toBe(id);
});

test('two of the same name lie apart', () => {
  expect(newModelId('Tiny', ['tiny', 'tiny-2'])).toBe('tiny-3');
});
