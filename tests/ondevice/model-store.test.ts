import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHasher } from '../../ondevice/hasher';
import { createModelStore } from '../../ondevice/model-store';
import type { DeviceModel } from '../../protocol/engine';
import { createFakeDirectory } from './fake-directory';

const weights = new TextEncoder().encode('pretend that these are weights');
const model: DeviceModel = {
  id: 'own',
  name: 'Own model',
  url: 'https://models.test/own.gguf',
  sha256: createHash('sha256').update(weights).digest('hex'),
  bytes: weights.length,
  contextTokens: 512,
  licence: 'MIT',
};

const setUp = (options?: Parameters<typeof createFakeDirectory>[0]) => {
  const directory = createFakeDirectory(options);
  return { directory, store: createModelStore(createHasher, async () => directory.handle) };
};
const inChunks = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
const never = () => new AbortController().signal;
const ignore = () => undefined;

test.each([true, false])('a downloaded file is there under its hash, in a browser with move: %s', async (canMove) => {
  const { directory, store } = setUp({ canMove });
  expect(await store.has(model)).toBe(false);
  expect(await store.open(model)).toBeUndefined();

  const progress: number[] = [];
  await store.write(model, inChunks(weights), (received) => progress.push(received), never());

  expect(progress).toEqual([7, 14, 21, 28, 30]);
  expect([...directory.files.keys()]).toEqual([`${model.sha256}.gguf`]);
  expect(await store.has(model)).toBe(true);
  expect(await (await store.open(model))?.text()).toBe('pretend that these are weights');
});

test('a removed model is gone, and removing it again is no error', async () => {
  const { directory, store } = setUp();
  await store.write(model, inChunks(weights), ignore, never());
  await store.remove(model);
  await store.remove(model);
  expect(directory.files.size).toBe(0);
  expect(await store.has(model)).toBe(false);
});

test.each([
  ['shorter', weights.slice(1)],
  ['longer', new Uint8Array([...weights, 1])],
  ['another', weights.map((byte) => byte ^ 1)],
])('a file that is %s than expected is refused and leaves nothing behind', async (_what, bytes) => {
  const { directory, store } = setUp();
  const write = store.write(model, inChunks(bytes), ignore, never());
  await expect(write).rejects.toMatchObject({ code: 'bad-response', fault: 'malformed', detail: expect.stringMatching(/\d/) });
  expect(directory.files.size).toBe(0);
});

test('a wrong file does not harm the right one that is there', async () => {
  const { store } = setUp();
  await store.write(model, inChunks(weights), ignore, never());
  await expect(store.write(model, inChunks(weights.slice(1)), ignore, never())).rejects.toMatchObject({ fault: 'malformed' });
  expect(await store.has(model)).toBe(true);
});

test('a connection that breaks off is worth another try and leaves nothing behind', async () => {
  const { directory, store } = setUp();
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(weights.slice(0, 9)),
    pull: (controller) => controller.error(new TypeError('network error')),
  });
  await expect(store.write(model, broken, ignore, never())).rejects.toMatchObject({ fault: 'interrupted', retryable: true });
  expect(directory.files.size).toBe(0);
});

test('a full disk is named as such', async () => {
  const { directory, store } = setUp();
  directory.full = true;
  const write = store.write(model, inChunks(weights), ignore, never());
  await expect(write).rejects.toMatchObject({ fault: 'engine', message: 'There is no room for the model on this device.' });
  expect(directory.files.size).toBe(0);
});

test('a stopped download stops reading and leaves nothing behind', async () => {
  const { directory, store } = setUp();
  const abort = new AbortController();
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(weights.slice(0, 9)),
    cancel: () => {
      cancelled = true;
    },
  });
  const write = store.write(model, endless, () => abort.abort(), abort.signal);
  await expect(write).rejects.toMatchObject({ code: 'aborted' });
  expect(cancelled).toBe(true);
  expect(directory.files.size).toBe(0);
});
