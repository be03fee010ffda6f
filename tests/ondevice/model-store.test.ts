import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHasher } from '../../ondevice/hasher';
import { createModelStore } from '../../ondevice/model-store';
import type { DeviceModel } from '../../protocol/engine';
import { createFakeDirectory } from './fake-directory';
import { gguf } from './gguf-file';

const weights = gguf({ 'general.architecture': 'llama', 'llama.context_length': 512, 'general.license': 'mit' });
const model: DeviceModel = {
  id: 'own',
  name: 'Own model',
  url: 'https://models.test/own.gguf',
  sha256: createHash('sha256').update(weights).digest('hex'),
  bytes: weights.length,
  contextTokens: 2048,
};

const setUp = () => {
  const directory = createFakeDirectory();
  return { directory, store: createModelStore(createHasher, async () => directory.handle) };
};
const inChunks = (bytes: Uint8Array, size = 7) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
const never = () => new AbortController().signal;
const options = (more: { onProgress?: (bytes: number) => void; validator?: string; signal?: AbortSignal } = {}) => ({
  onProgress: () => undefined,
  signal: never(),
  ...more,
});

test('a file is here only once it was checked, and then its own head says the rest', async () => {
  const { store } = setUp();
  expect(await store.find('own')).toBeUndefined();
  const progress: number[] = [];
  await store.append(model, inChunks(weights), options({ onProgress: (bytes) => progress.push(bytes) }));
  expect(progress.at(-1)).toBe(weights.length);
  expect(await store.find('own')).toMatchObject({ isComplete: false, receivedBytes: weights.length });
  expect(await store.open('own')).toBeUndefined();

  await store.complete(model, never());
  const file = await store.open('own');
  expect(new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(weights);
  expect(await store.list()).toEqual([
    {
      model: { ...model, contextTokens: 512, licence: 'mit' },
      isComplete: true,
      receivedBytes: weights.length,
    },
  ]);
});

test('what came before the network broke is kept with its mark, and the rest is put behind it', async () => {
  const { store } = setUp();
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(weights.slice(0, 9)),
    pull: (controller) => controller.error(new TypeError('network error')),
  });
  const first = store.append(model, broken, options({ validator: '"v1"' }));
  await expect(first).rejects.toMatchObject({ fault: 'interrupted', retryable: true });
  expect(await store.find('own')).toMatchObject({ receivedBytes: 9, validator: '"v1"' });

  await store.append(model, inChunks(weights.slice(9)), options());
  expect(await store.complete(model, never())).toMatchObject({ sha256: model.sha256 });
});

test('a body that ends early is an interruption as well', async () => {
  const { store } = setUp();
  await expect(store.append(model, inChunks(weights.slice(0, 20)), options())).rejects.toMatchObject({ fault: 'interrupted' });
  expect(await store.find('own')).toMatchObject({ receivedBytes: 20 });
});

test('when the browser ends, a whole piece is kept and what came after it is lost', async () => {
  const { directory, store } = setUp();
  const piece = 8 * 1024 * 1024;
  const large = { ...model, bytes: piece + 100, sha256: undefined };
  const dies = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(piece));
      controller.enqueue(new Uint8Array(50));
    },
    pull: (controller) => controller.error(new Error('gone')),
  });
  const onProgress = (received: number) => received > piece && directory.crash();
  await expect(store.append(large, dies, options({ onProgress: (received) => void onProgress(received) }))).rejects.toThrow();
  expect(await store.find('own')).toMatchObject({ receivedBytes: piece, isComplete: false });
});

test('a stopped download stops reading and keeps what is here', async () => {
  const { store } = setUp();
  const abort = new AbortController();
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(weights.slice(0, 9)),
    cancel: () => {
      cancelled = true;
    },
  });
  const write = store.append(model, endless, options({ onProgress: () => abort.abort(), signal: abort.signal }));
  await expect(write).rejects.toMatchObject({ code: 'aborted' });
  expect(cancelled).toBe(true);
  expect(await store.find('own')).toMatchObject({ receivedBytes: 9 });
});

test.each([
  ['another', weights.map((byte, at) => (at === weights.length - 1 ? byte ^ 1 : byte)), /SHA-256/],
  ['no model', new Uint8Array(weights.length), /GGUF/],
])('a file that is %s is refused, says why, and nothing of it is kept', async (_what, bytes, why) => {
  const { directory, store } = setUp();
  await store.append(model, inChunks(bytes), options());
  await expect(store.complete(model, never())).rejects.toMatchObject({
    code: 'bad-response',
    fault: 'malformed',
    detail: expect.stringMatching(why),
  });
  expect(directory.files.size).toBe(0);
});

test('a file that is longer than expected is refused while it comes', async () => {
  const { directory, store } = setUp();
  const longer = new Uint8Array([...weights, 1]);
  await expect(store.append(model, inChunks(longer), options())).rejects.toMatchObject({ fault: 'malformed' });
  expect(directory.files.size).toBe(0);
});

test('one part of several is refused alone, and said to be one', async () => {
  const { store } = setUp();
  const part = gguf({ 'general.architecture': 'llama', 'split.no': 0, 'split.count': 2 });
  const own = { ...model, sha256: undefined, bytes: part.length };
  await store.append(own, inChunks(part), options());
  await expect(store.complete(own, never())).rejects.toMatchObject({ fault: 'malformed', field: 'parts' });
  expect(await store.find('own')).toBeUndefined();
});

test('a full disk is named as such', async () => {
  const { directory, store } = setUp();
  directory.full = true;
  await expect(store.append(model, inChunks(weights), options())).rejects.toMatchObject({ fault: 'no-room' });
});

test('a removed model is gone, and removing it again is no error', async () => {
  const { directory, store } = setUp();
  await store.append(model, inChunks(weights), options());
  await store.remove('own');
  await store.remove('own');
  expect(directory.files.size).toBe(0);
  expect(await store.list()).toEqual([]);
});

test.each([
  ['is empty', ''],
  ['is cut off', '{"model":{"id":"ow'],
])(
  'where the note of what a file is %s, its bytes are shown and can be deleted, and the other models are there',
  async (_how, text) => {
    const { directory, store } = setUp();
    for (const id of ['own', 'other']) await store.append({ ...model, id }, inChunks(weights), options());
    const note = [...directory.files.keys()].find((path) => path.endsWith('own/model.json')) ?? '';
    directory.files.set(note, new TextEncoder().encode(text));
    expect(await store.list()).toMatchObject([
      { model: { id: 'own', name: 'own' }, isComplete: false, receivedBytes: weights.length },
      { model: { id: 'other', name: 'Own model' } },
    ]);
    // What is known from elsewhere is complete once it was checked.
    expect(await store.complete(model, never())).toMatchObject({ name: 'Own model' });
    await store.remove('own');
    expect([...directory.files.keys()].filter((path) => path.includes('/own/'))).toEqual([]);
  },
);
