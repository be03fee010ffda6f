import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChatOptions } from '../../ondevice/chat-options';
import { createEngineHost, type EngineHostOptions } from '../../ondevice/engine';
import type { NoteSpeed } from '../../ondevice/speed';
import type { ChatStep, Runtime } from '../../ondevice/wllama-runtime';
import type { DeviceModel } from '../../protocol/engine';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';

const model: DeviceModel = {
  id: 'own',
  name: 'Own model',
  url: 'https://models.test/own.gguf',
  sha256: 'a'.repeat(64),
  bytes: 1,
  contextTokens: 512,
  licence: 'MIT',
};
const other: DeviceModel = { ...model, id: 'other', sha256: 'b'.repeat(64) };
const request: GenerateRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] };
const call = (asked = model, more: Partial<GenerateRequest> = {}) => ({
  type: 'generate' as const,
  model: asked,
  request: { ...request, ...more },
});
const never = () => new AbortController().signal;

const neverLoads = () => new Promise<never>(() => undefined);

type Chat = Runtime['chat'];
const answering =
  (...steps: ChatStep[]): Chat =>
  async (_options, onStep) =>
    steps.forEach(onStep);
/** Computes until it is aborted, as the engine does. */
const endless: Chat = (_options, onStep, signal) =>
  new Promise((_resolve, reject) => {
    onStep({ text: 'and on ' });
    signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
  });

const setUp = ({
  chat = answering({ text: 'Hi' }, { finishReason: 'stop' }),
  load = async () => undefined,
  embed = async (input) => ({ vectors: input.map(({ length }) => [length]), inputTokens: input.length }),
  ...rest
}: Partial<Runtime & EngineHostOptions> = {}) => {
  const runtimes: { exits: number; asked: ChatOptions[] }[] = [];
  const createRuntime = (): Runtime => {
    const state = { exits: 0, asked: [] as ChatOptions[] };
    runtimes.push(state);
    return {
      load,
      threads: () => 1,
      embed,
      chat: (options, onStep, signal) => {
        state.asked.push(options);
        return chat(options, onStep, signal);
      },
      exit: async () => {
        state.exits += 1;
      },
    };
  };
  return { runtimes, engine: createEngineHost({ openModel: async () => new File(['x'], 'x'), createRuntime, ...rest }) };
};

const collect = async (parts: AsyncIterable<StreamPart>) => {
  const all: StreamPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('an answer is start, its text as it comes, usage, and why it ended', async () => {
  const { engine } = setUp({
    chat: answering(
      { text: 'Hi' },
      { text: ' there' },
      { finishReason: 'length' },
      { inputTokens: 9, outputTokens: 2, cachedTokens: 0 },
    ),
  });
  expect(await collect(engine.generate(call(), never()))).toEqual([
    { type: 'progress', stage: 'loading' },
    { type: 'progress', stage: 'processing' },
    { type: 'start', model: 'own', warnings: [] },
    { type: 'text-delta', text: 'Hi' },
    { type: 'text-delta', text: ' there' },
    { type: 'usage', usage: { inputTokens: 9, outputTokens: 2, cachedTokens: 0, estimated: false } },
    { type: 'finish', reason: 'length', rawReason: 'length' },
  ]);
});

test('a tool call comes whole, however it was cut, and in the order of the calls', async () => {
  const { engine, runtimes } = setUp({
    chat: answering(
      { toolCalls: [{ index: 0, id: 'x7', name: 'get_tide', arguments: '' }] },
      { toolCalls: [{ index: 0, arguments: '{"harbour":' }] },
      {
        toolCalls: [
          { index: 1, name: 'get_wind' },
          { index: 0, arguments: '"Bern"}' },
        ],
      },
      { finishReason: 'tool_calls' },
    ),
  });
  const tools = [{ name: 'get_tide', parameters: {} }];
  const parts = await collect(engine.generate(call({ ...model, takesTools: true }, { tools }), never()));
  expect(parts.slice(3)).toEqual([
    { type: 'tool-call', id: 'x7', name: 'get_tide', arguments: '{"harbour":"Bern"}' },
    { type: 'tool-call', id: 'call_1', name: 'get_wind', arguments: '' },
    { type: 'usage', usage: { inputTokens: undefined, outputTokens: undefined, cachedTokens: undefined, estimated: false } },
    { type: 'finish', reason: 'tool-calls', rawReason: 'tool_calls' },
  ]);
  expect(runtimes[0]?.asked[0]?.tool_choice).toBe('auto');
});

const mustCall = { tools: [{ name: 'get_tide', parameters: {} }], toolChoice: 'required' as const };

test('where a call must be made, the answer is one', async () => {
  const chat = answering(
    { text: '{ "name": "get_tide", ' },
    { text: '"arguments": {"harbour": "Bern"} }' },
    { finishReason: 'stop' },
  );
  const parts = await collect(setUp({ chat }).engine.generate(call({ ...model, takesTools: true }, mustCall), never()));
  expect(parts.slice(3).filter(({ type }) => type !== 'usage')).toEqual([
    { type: 'tool-call', id: expect.stringMatching(/^call_.{36}$/), name: 'get_tide', arguments: '{"harbour":"Bern"}' },
    { type: 'finish', reason: 'tool-calls', rawReason: 'stop' },
  ]);
});

test('a call that was cut off is none, and says so', async () => {
  const chat = answering({ text: '{ "name": "get_t' }, { finishReason: 'length' });
  const parts = await collect(setUp({ chat }).engine.generate(call({ ...model, takesTools: true }, mustCall), never()));
  expect(parts.slice(3).map(({ type }) => type)).toEqual(['usage', 'finish']);
  expect(parts.at(-1)).toMatchObject({ reason: 'length' });
});

test.each([
  [{ responseFormat: { type: 'json-schema', schema: {} } } as const, 'responseFormat'],
  [mustCall, 'tools'],
])('a schema that the engine cannot enforce is refused by the name of its field (%#)', async (fields, field) => {
  const chat: Chat = () => Promise.reject(new Error('JSON schema conversion failed'));
  const asked = call({ ...model, takesTools: true }, fields);
  await expect(collect(setUp({ chat }).engine.generate(asked, never()))).rejects.toMatchObject({ code: 'not-supported', field });
});

test('a call without a name is a failure, not a call', async () => {
  const { engine } = setUp({ chat: answering({ toolCalls: [{ index: 0, arguments: '{}' }] }) });
  await expect(collect(engine.generate(call(), never()))).rejects.toMatchObject({ fault: 'malformed' });
});

test('a model whose template has no tools refuses them before it is loaded', async () => {
  const { engine, runtimes } = setUp();
  const asked = call(model, { tools: [{ name: 'get_tide', parameters: {} }] });
  await expect(collect(engine.generate(asked, never()))).rejects.toMatchObject({ code: 'not-supported', field: 'tools' });
  expect(runtimes).toEqual([]);
});

test('a model is loaded once and another one takes its place', async () => {
  const { engine, runtimes } = setUp();
  await collect(engine.generate(call(), never()));
  await collect(engine.generate(call(), never()));
  expect(runtimes.map(({ asked }) => asked.length)).toEqual([2]);
  await collect(engine.generate(call(other), never()));
  expect(runtimes.map(({ exits }) => exits)).toEqual([1, 0]);
});

test('what computes is told, and that nothing does once the model is let go', async () => {
  const { engine, runtimes } = setUp();
  expect(engine.status()).toEqual({ modelId: undefined, threads: 0, isGenerating: false, waiting: 0 });
  const parts = engine.generate(call(), never());
  await parts.next();
  await parts.next();
  expect(engine.status()).toEqual({ modelId: 'own', threads: 1, isGenerating: true, waiting: 0 });
  const waits = engine.generate(call(), never());
  // Its place in the queue, and then it is there.
  await waits.next();
  const next = collect(waits);
  expect(engine.status()).toMatchObject({ isGenerating: true, waiting: 1 });
  await collect(parts);
  await next;
  expect(engine.status()).toEqual({ modelId: 'own', threads: 1, isGenerating: false, waiting: 0 });
  await engine.unload('other');
  expect(engine.status().modelId).toBe('own');
  await engine.unload('own');
  expect(engine.status().modelId).toBeUndefined();
  expect(runtimes[0]?.exits).toBe(1);
});

test('who has to wait hears how many are before it, and then that it is its turn', async () => {
  const { engine } = setUp();
  const first = engine.generate(call(), never());
  await first.next();
  const second = engine.generate(call(), never());
  expect((await second.next()).value).toEqual({ type: 'progress', stage: 'queued', position: 1 });
  await collect(first);
  expect((await second.next()).value).toEqual({ type: 'progress', stage: 'processing' });
  await collect(second);
});

test('thoughts are told apart from the answer', async () => {
  const { engine } = setUp({ chat: answering({ reasoning: 'Hm.' }, { text: 'Hi' }, { finishReason: 'stop' }) });
  const parts = await collect(engine.generate(call(), never()));
  expect(parts.filter(({ type }) => type.endsWith('-delta'))).toEqual([
    { type: 'reasoning-delta', text: 'Hm.' },
    { type: 'text-delta', text: 'Hi' },
  ]);
});

test('a schema that the engine cannot enforce is said so, and the model stays', async () => {
  const { engine, runtimes } = setUp({
    chat: async () => {
      throw new Error('failed to parse grammar');
    },
  });
  await expect(collect(engine.generate(call(), never()))).rejects.toMatchObject({
    fault: 'not-supported',
    field: 'responseFormat',
  });
  expect(runtimes[0]?.exits).toBe(0);
});

test('answers are given one at a time', async () => {
  let running = 0;
  const { engine } = setUp({
    chat: async (_options, onStep) => {
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      onStep({ finishReason: 'stop' });
      running -= 1;
    },
  });
  const answers = await Promise.all([1, 2, 3].map(() => collect(engine.generate(call(), never()))));
  expect(answers.map((parts) => parts.at(-1)?.type)).toEqual(['finish', 'finish', 'finish']);
});

test('an abort stops the computation and the next answer comes from the same model', async () => {
  const chats = [endless, answering({ finishReason: 'stop' })];
  const { engine, runtimes } = setUp({ chat: (...args) => (chats.shift() as Chat)(...args) });
  const abort = new AbortController();
  const aborted = (async () => {
    for await (const part of engine.generate(call(), abort.signal)) if (part.type === 'text-delta') abort.abort();
  })();
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
  expect((await collect(engine.generate(call(), never()))).at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
  expect(runtimes).toHaveLength(1);
});

test('a reader who leaves stops the computation', async () => {
  let stopped = false;
  const { engine } = setUp({
    chat: (options, onStep, signal) => {
      signal.addEventListener('abort', () => {
        stopped = true;
      });
      return endless(options, onStep, signal);
    },
  });
  for await (const part of engine.generate(call(), never())) if (part.type === 'text-delta') break;
  expect(stopped).toBe(true);
});

test('an abort while the model loads ends the loading', async () => {
  const { engine, runtimes } = setUp({ load: neverLoads });
  const abort = new AbortController();
  const answer = collect(engine.generate(call(), abort.signal));
  await vi.waitFor(() => expect(runtimes).toHaveLength(1));
  abort.abort();
  await expect(answer).rejects.toMatchObject({ code: 'aborted' });
  expect(runtimes[0]?.exits).toBe(1);
});

test('a model that never loads fails after a time, and a new attempt is made for the next call', async () => {
  const { engine, runtimes } = setUp({ load: neverLoads, loadTimeout: 20 });
  for (const _attempt of [1, 2]) {
    const failed = expect(collect(engine.generate(call(), never()))).rejects.toMatchObject({
      fault: 'engine',
      code: 'unavailable',
    });
    await vi.advanceTimersByTimeAsync(20);
    await failed;
  }
  expect(runtimes.map(({ exits }) => exits)).toEqual([1, 1]);
  await engine.unload('own');
});

test('a model that is not on this device is named as such', async () => {
  const { engine } = setUp({ openModel: async () => undefined });
  await expect(collect(engine.generate(call(), never()))).rejects.toMatchObject({ fault: 'no-model' });
});

test("a prompt that does not fit is the caller's to mend, and the model stays", async () => {
  const { engine, runtimes } = setUp({
    chat: async () => {
      throw new Error('request (2831 tokens) exceeds the available context size (2048 tokens), try increasing it');
    },
  });
  await expect(collect(engine.generate(call(), never()))).rejects.toMatchObject({
    code: 'context-length',
    detail: expect.stringContaining('2831'),
  });
  expect(runtimes[0]?.exits).toBe(0);
});

test('a crashed engine is put away and the next call starts a new one', async () => {
  const chats: Chat[] = [async () => Promise.reject(new Error('(ABORT) out of memory')), answering({ finishReason: 'stop' })];
  const { engine, runtimes } = setUp({ chat: (...args) => (chats.shift() as Chat)(...args) });
  await expect(collect(engine.generate(call(), never()))).rejects.toMatchObject({
    fault: 'engine',
    detail: '(ABORT) out of memory',
  });
  await collect(engine.generate(call(), never()));
  expect(runtimes.map(({ exits }) => exits)).toEqual([1, 0]);
});

test('what the model cannot do is refused before it is loaded', async () => {
  const { engine, runtimes } = setUp();
  await expect(collect(engine.generate(call(model, { outputs: 2 }), never()))).rejects.toMatchObject({ code: 'not-supported' });
  expect(runtimes).toHaveLength(0);
});

test('a model that nobody asks for goes out of memory, and its context hears of it', async () => {
  const onIdle = vi.fn();
  const { engine, runtimes } = setUp({ onIdle, idleTimeout: 1000 });
  await vi.advanceTimersByTimeAsync(900);
  await collect(engine.generate(call(), never()));
  await vi.advanceTimersByTimeAsync(900);
  expect(onIdle).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(onIdle).toHaveBeenCalledOnce();
  expect(runtimes[0]?.exits).toBe(1);
});

test('what an answer took is noted and told; where that fails, the answer is none the worse', async () => {
  const timings = { readTokens: 10, readMs: 10, writtenTokens: 10, writtenMs: 10 };
  const noteSpeed = vi.fn<NoteSpeed>(async () => ({ reads: 9, writes: 8 }));
  const { engine } = setUp({ chat: answering({ text: 'Hi' }, { finishReason: 'stop' }, { timings }), noteSpeed });
  const parts = await collect(engine.generate(call(), never()));
  expect(noteSpeed).toHaveBeenCalledExactlyOnceWith('own', timings);
  expect(engine.status().measured).toEqual({ modelId: 'own', speed: { reads: 9, writes: 8 } });
  noteSpeed.mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('disk'));
  expect((await collect(engine.generate(call(), never()))).slice(-3)).toEqual(parts.slice(-3));
  expect(await collect(engine.generate(call(), never()))).toHaveLength(parts.length - 1);
  expect(engine.status().measured).toEqual({ modelId: 'own', speed: { reads: 9, writes: 8 } });
});

test('an engine that does not stop is ended, and the next call gets a new one', async () => {
  const deaf: Chat = () => new Promise(() => undefined);
  let asked = 0;
  const { engine, runtimes } = setUp({
    chat: (...call) => {
      asked += 1;
      return asked === 1 ? deaf(...call) : answering({ text: 'Hi' }, { finishReason: 'stop' })(...call);
    },
  });
  const stop = new AbortController();
  const ended = expect(collect(engine.generate(call(), stop.signal))).rejects.toMatchObject({ code: 'aborted' });
  await vi.advanceTimersByTimeAsync(60_000);
  stop.abort();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runtimes[0]?.exits).toBe(0);
  await vi.advanceTimersByTimeAsync(300);
  await ended;
  expect(runtimes[0]?.exits).toBe(1);
  expect((await collect(engine.generate(call(), never()))).map(({ type }) => type)).toContain('text-delta');
  expect(runtimes.length).toBe(2);
});

test('one that stops in time keeps its model', async () => {
  const { engine, runtimes } = setUp({ chat: endless });
  const stop = new AbortController();
  const ended = expect(collect(engine.generate(call(), stop.signal))).rejects.toMatchObject({ code: 'aborted' });
  await vi.advanceTimersByTimeAsync(10);
  stop.abort();
  await ended;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runtimes[0]?.exits).toBe(0);
});

const embedder: DeviceModel = { ...model, id: 'embedder', makesEmbeddings: true };
const embedCall = (asked = embedder) => ({ type: 'embed' as const, model: asked, input: ['one', 'three'] });

test('a model for embeddings takes its turn among the others', async () => {
  const { engine, runtimes } = setUp();
  const chatting = collect(engine.generate(call(), never()));
  expect(await engine.embed(embedCall(), never())).toEqual({ vectors: [[3], [5]], inputTokens: 2 });
  expect((await chatting).at(-1)).toMatchObject({ type: 'finish' });
  expect(engine.status()).toMatchObject({ modelId: 'embedder', isGenerating: false });
  expect(runtimes.map(({ exits }) => exits)).toEqual([1, 0]);
});

test('a model that chats makes no embeddings, and one that makes them does not chat', async () => {
  const { engine, runtimes } = setUp();
  await expect(engine.embed(embedCall(model), never())).rejects.toMatchObject({ code: 'not-supported', field: 'model' });
  await expect(collect(engine.generate(call(embedder), never()))).rejects.toMatchObject({ code: 'not-supported' });
  expect(runtimes).toEqual([]);
});

test('embeddings that do not stop in time end with their engine', async () => {
  const { engine, runtimes } = setUp({ embed: () => neverLoads() });
  const abort = new AbortController();
  const made = expect(engine.embed(embedCall(), abort.signal)).rejects.toMatchObject({ code: 'aborted' });
  await vi.advanceTimersByTimeAsync(10);
  abort.abort();
  await vi.advanceTimersByTimeAsync(1_200);
  await made;
  expect(runtimes[0]?.exits).toBe(1);
});

test('a text that is too long to be made a vector of is said as such', async () => {
  const words = 'input (70 tokens) is too large to process. increase the physical batch size (current batch size: 64)';
  const { engine } = setUp({ embed: () => Promise.reject(new Error(words)) });
  await expect(engine.embed(embedCall(), never())).rejects.toMatchObject({ code: 'context-length' });
});
