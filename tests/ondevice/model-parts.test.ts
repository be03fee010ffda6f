import { expect, test } from 'vitest';
import { filesOf } from '../../ondevice/model-parts';

const texts = (files: readonly Blob[]) => Promise.all(files.map((file) => file.text()));

test('the files of a model are cut out of its bytes in their order', async () => {
  const bytes = new Blob(['abc', 'de', 'f']);
  const parts = [3, 2, 1].map((length) => ({ url: 'https://models.test/x', bytes: length }));
  expect(await texts(filesOf(bytes, { parts }))).toEqual(['abc', 'de', 'f']);
});

test('what came as one file is one', async () => {
  expect(await texts(filesOf(new Blob(['abc']), {}))).toEqual(['abc']);
});
