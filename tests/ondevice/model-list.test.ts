import { expect, test } from 'vitest';
import { chooseModels, deviceModels } from '../../ondevice/model-list';

const own = {
  id: 'own',
  name: 'Own model',
  url: 'http://127.0.0.1:8080/own.gguf',
  sha256: 'a'.repeat(64),
  bytes: 12,
  contextTokens: 512,
  licence: 'MIT',
};

test('every model in the list is named, pinned and fetched over https', () => {
  for (const { url, languages, mark, score, makesEmbeddings, ...model } of deviceModels) {
    expect(languages?.length).toBeGreaterThan(0);
    expect(chooseModels(JSON.stringify({ url, ...model }))).toEqual([{ url, ...model }]);
    expect(url).toMatch(/^https:\/\/.+\.gguf$/);
  }
  expect(new Set(deviceModels.map(({ id }) => id)).size).toBe(deviceModels.length);
});

test('the smallest is first and a test model, and one is recommended; what makes embeddings comes last', () => {
  const order = deviceModels.map(({ bytes = 0, makesEmbeddings }) => [Number(makesEmbeddings ?? 0), bytes] as const);
  expect(order).toEqual(order.toSorted((left, right) => left[0] - right[0] || left[1] - right[1]));
  expect(order.map(([last]) => last)).toContain(1);
  expect(deviceModels.map(({ mark }) => mark).filter((mark) => mark !== undefined)).toEqual(['test', 'recommended']);
});

test('a build for tests puts one model of its own in the place of the list', () => {
  expect(chooseModels(JSON.stringify(own))).toEqual([own]);
  expect(chooseModels(undefined)).toBe(chooseModels(''));
});

test.each([
  ['id', ''],
  ['name', 1],
  ['url', 'file:///etc/passwd'],
  ['url', 'https://'],
  ['sha256', 'A'.repeat(64)],
  ['bytes', 0],
  ['bytes', 1.5],
  ['contextTokens', undefined],
  ['licence', null],
])('a model of its own whose %s is %j stops the build', (field, value) => {
  expect(() => chooseModels(JSON.stringify({ ...own, [field]: value }))).toThrow(`"${field}"`);
});

test('a model of its own that is no object stops the build', () => {
  expect(() => chooseModels('null')).toThrow('JSON object');
});
