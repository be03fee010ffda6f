import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../../background/engine';
import { serveChannel } from '../../protocol/channel';
import type { EngineCall, EngineStatus } from '../../protocol/engine';
import { toPersonError } from '../../protocol/errors';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { createPorts } from '../protocol/support/ports';
import { createStore, deviceModel } from './support/device';

const request: GenerateRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] };
const answer: StreamPart[] = [
  { type: 'start', model: 'tiny', warnings: [] },
  { type: 'text-delta', text: 'Hello' },
  { type: 'finish', reason: 'stop' },
];

let store: ReturnType<typeof createStore>;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  store = createStore();
  await store.fill();
});
afterEach(() => {
  vi.useRealTimers();
});

const status: EngineStatus = { modelId: 'tiny', threads: 2, isGenerating: false, waiting: 0 };
const unload = vi.fn(async (_modelId: string) => undefined);
const vectors = { vectors: [[1, 0]], inputTokens: 3 };
const own = async () => ({
  async *stream() {
    yield* answer;
  },
  call: async (call: EngineCall) => reply(call),
});
/** To all that is no generation. */
const reply = (call: EngineCall): unknown => {
  if (call.type === 'embed') return vectors;
  return call.type === 'unload' ? unload(call.modelId) : status;
};

/** The context of the engine comes up when it is opened, and answers every call. */
function createHost(open?: () => Promise<void>) {
  const engine = createEngine({ files: async () => store, open: open ?? (async () => void arrive()), own });
  const arrive = () => {
    const { near, far } = createPorts();
    serveChannel<EngineCall>(near, {
      parse: (message) => message as never,
      async handle(call, { parts }) {
        return call.type === 'generate' ? parts(answer) : reply(call);
      },
      toError: toPersonError,
    });
    engine.connected(far);
    return near;
  };
  return { engine, arrive };
}

async function read(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const all: StreamPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

const ask = (engine: ReturnType<typeof createEngine>, id = 'tiny') =>
  read(engine.generate(id, request, new AbortController().signal));

test('the engine’s context is opened when it is needed, and its answer passed on', async () => {
  const { engine } = createHost();
  expect(await ask(engine)).toEqual(answer);
});

test('a context that is there is not opened again', async () => {
  const open = vi.fn(async () => undefined);
  const { engine, arrive } = createHost(open);
  arrive();
  await ask(engine);
  expect(open).not.toHaveBeenCalled();
});

test('calls that come while the context starts are all answered', async () => {
  const { engine, arrive } = createHost(async () => undefined);
  const both = [ask(engine), ask(engine)];
  await new Promise((resolve) => setImmediate(resolve));
  arrive();
  expect(await Promise.all(both)).toEqual([answer, answer]);
});

test('a context that went is opened anew', async () => {
  const opened: ReturnType<typeof createPorts>['near'][] = [];
  const { engine, arrive } = createHost(async () => void opened.push(arrive()));
  await ask(engine);
  opened[0]?.disconnect();
  expect(await ask(engine)).toEqual(answer);
  expect(opened).toHaveLength(2);
});

test('the end of an old context does not forget the new one', async () => {
  const open = vi.fn(async () => undefined);
  const { engine, arrive } = createHost(open);
  const old = arrive();
  arrive();
  old.disconnect();
  expect(await ask(engine)).toEqual(answer);
  expect(open).not.toHaveBeenCalled();
});

test('a context that does not come within 15 s is an error, and the next call tries again', async () => {
  const open = vi.fn(async () => undefined);
  const { engine } = createHost(open);
  const asked = ask(engine);
  asked.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(15_000);
  await expect(asked).rejects.toMatchObject({ fault: 'engine' });
  ask(engine).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(open).toHaveBeenCalledTimes(2);
});

test('a context that cannot be opened is an error, and the next call tries again', async () => {
  let fails = true;
  const { engine, arrive } = createHost(async () => {
    if (fails) throw new Error('no window');
    arrive();
  });
  await expect(ask(engine)).rejects.toThrow('no window');
  fails = false;
  expect(await ask(engine)).toEqual(answer);
});

test('a model that is not on this device is said so, and nothing is opened', async () => {
  const open = vi.fn(async () => undefined);
  const { engine } = createHost(open);
  await store.remove('tiny');
  await expect(ask(engine)).rejects.toMatchObject({ fault: 'no-model' });
  await expect(ask(engine, 'other')).rejects.toMatchObject({ fault: 'no-model' });
  expect(open).not.toHaveBeenCalled();
  expect(await engine.models()).toEqual([]);
});

test('a background that is a page runs the model itself', async () => {
  const engine = createEngine({ files: async () => store, open: undefined, own });
  expect(await engine.status()).toBeUndefined();
  expect(await ask(engine)).toEqual(answer);
  expect(await engine.status()).toEqual(status);
  await engine.unload('tiny');
  expect(unload).toHaveBeenCalledExactlyOnceWith('tiny');
  await expect(ask(engine, 'other')).rejects.toMatchObject({ fault: 'no-model' });
});

test('embeddings come from the same context, or from beside the background', async () => {
  const signal = new AbortController().signal;
  for (const { engine } of [createHost(), { engine: createEngine({ files: async () => store, open: undefined, own }) }]) {
    expect(await engine.embed('tiny', ['Hi'], signal)).toEqual(vectors);
    await expect(engine.embed('other', ['Hi'], signal)).rejects.toMatchObject({ fault: 'no-model' });
  }
});

test('models that are all here are listed', async () => {
  const { engine } = createHost();
  expect(await engine.models()).toEqual([deviceModel]);
});

test('what runs is asked only where something runs: nothing is brought up for it', async () => {
  const open = vi.fn(async () => undefined);
  const { engine, arrive } = createHost(open);
  expect(await engine.status()).toBeUndefined();
  await engine.unload('tiny');
  arrive();
  expect(await engine.status()).toEqual(status);
  unload.mockClear();
  await engine.unload('tiny');
  expect(unload).toHaveBeenCalledOnce();
  expect(open).not.toHaveBeenCalled();
});
