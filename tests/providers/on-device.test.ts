import { expect, test, vi } from 'vitest';
import type { DeviceModel, Engine } from '../../protocol/engine';
import { backendError } from '../../protocol/errors';
import type { StreamPart } from '../../protocol/generate';
import { ask, knownRow, noEngine, providerOf, run } from './replay';

const row = knownRow('on-device');
const smol: DeviceModel = {
  id: 'smol',
  name: 'Smol',
  url: 'https://x.example/s',
  sha256: '00',
  bytes: 1,
  contextTokens: 2048,
  licence: 'MIT',
};
const engineOf = (generate: Engine['generate']): Engine => ({
  ...noEngine,
  models: async () => [smol, { ...smol, id: 'big', name: 'Big', takesTools: true }],
  generate,
});
const start: StreamPart = { type: 'start', model: 'smol', warnings: [] };

test('the models of the engine are listed, with what they can do', async () => {
  const models = await providerOf(row, { engine: engineOf(noEngine.generate) }).models(new AbortController().signal);
  expect(models).toEqual([
    { id: 'smol', name: 'Smol', contextTokens: 2048, inputs: ['text'], capabilities: ['json-schema'] },
    { id: 'big', name: 'Big', contextTokens: 2048, inputs: ['text'], capabilities: ['json-schema', 'tools'] },
  ]);
});

test('an engine that cannot tell its models fails as it says, or as aborted', async () => {
  const engine = { ...engineOf(noEngine.generate), models: () => Promise.reject(backendError('engine', 'Gone.')) };
  const provider = providerOf(row, { engine });
  await expect(provider.models(new AbortController().signal)).rejects.toMatchObject({ fault: 'engine' });
  await expect(provider.models(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});

test('the engine gets the model, the request without its number of outputs, and the signal', async () => {
  const generate = vi.fn(async function* () {
    yield start;
  });
  const { signal } = new AbortController();
  await run(providerOf(row, { engine: engineOf(generate) }), ask('Hi', { model: 'smol', outputs: 1, seed: 4 }), signal);
  expect(generate).toHaveBeenCalledExactlyOnceWith('smol', ask('Hi', { model: 'smol', seed: 4 }), signal);
});

test('a sampler of the person’s that the engine has not is told, unless it would change nothing', async () => {
  const engine = engineOf(async function* () {
    yield start;
  });
  const samplers = { topA: 0.2, tfs: 1, dryMultiplier: 0.8 };
  const { parts } = await run(providerOf(row, { engine }), ask('Hi', { samplers }));
  expect(parts).toEqual([{ ...start, warnings: [{ type: 'parameter-dropped', parameter: 'topA' }] }]);
});

test.each([
  [() => backendError('no-model', 'Not downloaded.'), { code: 'unavailable', fault: 'no-model' }],
  [() => new Error('out of memory'), { code: 'unavailable', fault: 'engine' }],
])('a failure of the engine is told as it is (%#)', async (failure, expected) => {
  const engine = engineOf(async function* () {
    yield start;
    throw failure();
  });
  expect(await run(providerOf(row, { engine }), ask('Hi'))).toEqual({ parts: [start], error: expected });
});

test('an abort is an abort, before and while the engine runs', async () => {
  const caller = new AbortController();
  const engine = engineOf(async function* () {
    yield start;
    caller.abort();
    throw new Error('stopped');
  });
  expect((await run(providerOf(row, { engine }), ask('Hi'), caller.signal)).error).toEqual({ code: 'aborted' });
  expect(await run(providerOf(row, { engine }), ask('Hi'), AbortSignal.abort())).toEqual({
    parts: [],
    error: { code: 'aborted' },
  });
});

test('usage of several runs is the sum so far, and unknown where one is unknown', async () => {
  let runs = 0;
  const engine = engineOf(async function* () {
    runs++;
    yield start;
    yield { type: 'usage', usage: { inputTokens: 3, ...(runs === 1 && { outputTokens: 2 }), estimated: runs === 2 } };
    yield { type: 'error', error: { code: 'unknown' } };
    yield { type: 'finish', reason: 'stop' };
  });
  const { parts } = await run(providerOf(row, { engine }), ask('Hi', { outputs: 2 }));
  expect(parts).toEqual([
    start,
    { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, estimated: false } },
    { type: 'error', error: { code: 'unknown' } },
    { type: 'usage', usage: { inputTokens: 6, estimated: true } },
    { type: 'error', error: { code: 'unknown' } },
    { type: 'finish', reason: 'stop' },
    { type: 'finish', reason: 'stop', output: 1 },
  ]);
});

const embedder: DeviceModel = { ...smol, id: 'minilm', makesEmbeddings: true };
const vectors = { vectors: [[1, 0]], inputTokens: 3 };

test('embeddings are made by the chosen model, or by the first that makes them; neither is offered for a chat', async () => {
  const embed = vi.fn(async () => vectors);
  const models = async () => [smol, embedder, { ...embedder, id: 'nomic' }];
  const provider = providerOf(row, { engine: { ...noEngine, models, embed } });
  const { signal } = new AbortController();
  expect(await provider.embed?.({ input: ['a'], model: 'smol' }, signal)).toEqual({ model: 'minilm', ...vectors });
  expect(await provider.embed?.({ input: ['a'], model: 'nomic' }, signal)).toEqual({ model: 'nomic', ...vectors });
  expect(embed).toHaveBeenLastCalledWith('nomic', ['a'], signal);
  expect((await provider.models(signal)).map(({ id }) => id)).toEqual(['smol']);
});

test('where no model makes embeddings that is said, and an abort is one', async () => {
  const provider = providerOf(row, { engine: engineOf(noEngine.generate) });
  const made = provider.embed?.({ input: ['a'], model: 'smol' }, new AbortController().signal);
  await expect(made).rejects.toMatchObject({ code: 'not-supported', field: 'model' });
  await expect(provider.embed?.({ input: ['a'] }, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});
