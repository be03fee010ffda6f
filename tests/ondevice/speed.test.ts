import { beforeEach, expect, test } from 'vitest';
import { createHasher } from '../../ondevice/hasher';
import { createModelFiles } from '../../ondevice/model-files';
import { createModelStore } from '../../ondevice/model-store';
import { createSpeedNotes, type Timings } from '../../ondevice/speed';
import type { ModelStore } from '../../protocol/engine';
import { createFakeDirectory, type FakeDirectory } from './fake-directory';
import { gguf } from './gguf-file';

const model = { id: 'own', name: 'Own', contextTokens: 512 };
const file = gguf({ 'general.architecture': 'llama' });
const timings: Timings = { readTokens: 50, readMs: 500, writtenTokens: 20, writtenMs: 2_000 };
const signal = new AbortController().signal;

let directory: FakeDirectory;
let store: ModelStore;
const root = async () => directory.handle;
const noted = async () => (await createModelFiles(root).find('own'))?.model.speed;
const bring = () => store.append(model, new Blob([file]).stream(), { onProgress: () => undefined, signal });

beforeEach(async () => {
  directory = createFakeDirectory();
  store = createModelStore(createHasher, root);
  await bring();
});

test('what an answer took becomes tokens a second, which are kept with the model and all else that is known of it', async () => {
  const known = await store.complete(model, signal);
  expect(known.speed).toBeUndefined();
  expect(await createSpeedNotes(root)('own', timings)).toEqual({ reads: 100, writes: 10 });
  expect(await createModelFiles(root).find('own')).toMatchObject({
    isComplete: true,
    model: { ...known, speed: { reads: 100, writes: 10 } },
  });
});

test.each<[Partial<Timings>, object]>([
  [{ readTokens: 3 }, { writes: 10 }],
  [{ writtenTokens: 3 }, { reads: 100 }],
  [{ readMs: 0, writtenMs: 0 }, {}],
])('a few tokens, or no time, measure nothing: %j', async (few, speed) => {
  await store.complete(model, signal);
  await createSpeedNotes(root)('own', { ...timings, ...few });
  expect((await noted()) ?? {}).toEqual(speed);
});

test('what an answer does not measure stays as it was, and a small change is none', async () => {
  await store.complete(model, signal);
  const note = createSpeedNotes(root);
  await note('own', timings);
  expect(await note('own', { ...timings, readTokens: 0, writtenMs: 1_000 })).toEqual({ reads: 100, writes: 20 });
  const written = directory.files.get('models/own/speed.json');
  expect(await note('own', { ...timings, readMs: 510, writtenMs: 1_050 })).toEqual({ reads: 100, writes: 20 });
  expect(directory.files.get('models/own/speed.json')).toBe(written);
});

test('the record of a model, which the next call reads, is not written anew', async () => {
  await store.complete(model, signal);
  const record = directory.files.get('models/own/model.json');
  await createSpeedNotes(root)('own', timings);
  expect(directory.files.get('models/own/model.json')).toBe(record);
});

test('a model that is gone, or on its way here anew, is left alone', async () => {
  expect(await createSpeedNotes(root)('own', timings)).toBeUndefined();
  expect(await noted()).toBeUndefined();
  await store.remove('own');
  expect(await createSpeedNotes(root)('own', timings)).toBeUndefined();
  expect([...directory.files.keys()]).toEqual([]);
});
