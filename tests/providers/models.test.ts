import { expect, test } from 'vitest';
import { parseModelList } from '../../providers/models';

const model = (more: object) => parseModelList({ data: [{ id: 'm', ...more }] })[0];

test('what a list does not say stays absent', () => {
  expect(model({})).toEqual({ id: 'm', name: 'm' });
  expect(model({ max_context_length: 4096, meta: { n_ctx_train: 4096 } })).toEqual({ id: 'm', name: 'm' });
});

test('a bare list is a list too', () => {
  expect(parseModelList([{ id: 'a' }])).toEqual([{ id: 'a', name: 'a' }]);
});

test.each([null, 7, 'models', {}, { data: {} }, { models: {} }])('%j is no list', (json) => {
  expect(() => parseModelList(json)).toThrow(expect.objectContaining({ fault: 'malformed' }));
});

test('entries that are none, doubled or too long are left out', () => {
  const data = [null, 7, {}, { id: '' }, { id: 5 }, { id: 'x'.repeat(257) }, { id: 'a' }, { id: 'a', name: 'A' }];
  expect(parseModelList({ data })).toEqual([{ id: 'a', name: 'A' }]);
});

test('models that cannot chat are left out', () => {
  const data = [
    { id: 'a', type: 'embeddings' },
    { id: 'b', architecture: { output_modalities: ['image'] } },
    { id: 'text-embedding-c' },
  ];
  expect(parseModelList({ data }, /^text-embedding/)).toEqual([]);
});

test('nonsense in one field does not cost the model', () => {
  expect(
    model({ name: 3, context_length: 'much', pricing: 'free', top_provider: [], supported_parameters: 'all', architecture: 1 }),
  ).toEqual({
    id: 'm',
    name: 'm',
  });
});

test.each([
  ['0.0000004', 400_000],
  ['0.00003', 30_000_000],
  ['0.000000075', 75_000],
  ['0', 0],
  ['1e-7', 100_000],
  ['-1', undefined],
  ['', undefined],
  ['free', undefined],
])('a price of "%s" US dollars per token is %s micro-dollars per million', (prompt, input) => {
  expect(JSON.stringify(model({ pricing: { prompt } })?.pricing)).toBe(
    input === undefined ? undefined : JSON.stringify({ input }),
  );
});

test.each([
  ['/srv/models/qwen-q5.gguf', 'qwen-q5'],
  ['C:\\models\\qwen.GGUF', 'qwen'],
  ['Qwen/Qwen3-8B', 'Qwen/Qwen3-8B'],
])('the model %s is called %s', (id, name) => {
  expect(parseModelList([{ id }])).toEqual([{ id, name }]);
});
