import { beforeEach, expect, test, vi } from 'vitest';
import type { TextInput } from '../../page/classic-input';
import { createPageClient } from '../../page/client';
import { type CompletionOptions, createWindowAi, type WindowAi } from '../../page/window-ai';
import { aiErrorCodes } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { createRelayEnd, type RelayEnd } from './support/relay-end';

let relay: RelayEnd;
let ai: WindowAi;
beforeEach(() => {
  relay = createRelayEnd();
  ai = createWindowAi(createPageClient(relay.port), '1.2.3');
});

const messages = [{ role: 'user', content: 'Hi' }] as const;
const prompt = { prompt: 'Hi' };
/** What a page passes is not checked by anybody's compiler. */
const loose = (value: unknown) => value as never;

/** Answers the newest call. */
function answer(...texts: string[]): void {
  const id = relay.ids().at(-1) ?? '';
  relay.parts(id, { type: 'start', model: 'm', warnings: [] });
  for (const text of texts) relay.text(id, text);
  relay.parts(id, { type: 'finish', reason: 'stop' });
  relay.end(id);
}

test('the metadata is the original’s, with Oriel’s version', () => {
  expect(ai.__window_ai_metadata__).toEqual({ domain: 'https://windowai.io', version: '1.2.3' });
});

test('a page cannot change what other scripts of it call', () => {
  expect(Object.isFrozen(ai)).toBe(true);
  expect(Object.isFrozen(ai.__window_ai_metadata__)).toBe(true);
});

test('nothing is posted before the first call', () => {
  ai.addEventListener(() => undefined);
  expect(relay.posted).toEqual([]);
});

test('generateText resolves to an array, getCompletion to the bare element', async () => {
  const all = ai.generateText(prompt);
  answer('Hello ', 'there.');
  expect(await all).toEqual([{ text: 'Hello there.' }]);
  const one = ai.getCompletion(prompt);
  answer('Hello.');
  expect(await one).toEqual({ text: 'Hello.' });
});

test('the kind of output follows the kind of input', async () => {
  const all = ai.generateText({ messages });
  answer('Hello.');
  expect(await all).toEqual([{ message: { role: 'assistant', content: 'Hello.' } }]);
});

test('messages and prompt together are the messages and one more turn, answered as messages', async () => {
  const one = ai.getCompletion({ messages, prompt: 'And?' });
  expect(relay.request().messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    { role: 'user', content: [{ type: 'text', text: 'And?' }] },
  ]);
  answer('Hello.');
  expect(await one).toEqual({ message: { role: 'assistant', content: 'Hello.' } });
});

test('onProgress hears what the backend does before it answers, and what it throws stops nothing', async () => {
  const onProgress = vi.fn(() => {
    throw new Error('the page’s');
  });
  const onStreamResult = vi.fn();
  const all = ai.generateText(prompt, { onProgress, onStreamResult });
  const id = relay.ids().at(-1) ?? '';
  relay.parts(id, { type: 'progress', stage: 'queued', position: 3, seconds: 40 });
  relay.parts(id, { type: 'progress', stage: 'processing' });
  answer('Hello.');
  expect(await all).toEqual([{ text: 'Hello.' }]);
  expect(onProgress.mock.calls).toMatchObject([[{ stage: 'queued', position: 3, seconds: 40 }], [{ stage: 'processing' }]]);
  expect(onStreamResult).toHaveBeenCalledTimes(1);
});

test('several outputs are an array from both, each complete, and are not streamed', async () => {
  const onStreamResult = vi.fn();
  const several = { numOutputs: 3, onStreamResult };
  for (const ask of [ai.generateText, ai.getCompletion]) {
    const asked = ask(prompt, several);
    const id = relay.ids().at(-1) ?? '';
    relay.text(id, 'a', 0);
    relay.text(id, 'x', 2);
    relay.text(id, 'b', 0);
    relay.end(id);
    // Fewer than asked for is allowed.
    expect(await asked).toEqual([{ text: 'ab' }, { text: 'x' }]);
  }
  expect(relay.request().outputs).toBe(3);
  expect(onStreamResult).not.toHaveBeenCalled();
});

test.each<[TextInput, (text: string) => object]>([
  [prompt, (text) => ({ text, isPartial: true })],
  [{ messages }, (content) => ({ message: { role: 'assistant', content }, isPartial: true })],
])('a handler gets deltas of %j and never the whole; the promise gets the whole', async (input, shape) => {
  const onStreamResult = vi.fn();
  const all = ai.generateText(input, { onStreamResult });
  answer('Hel', 'lo');
  const [whole] = await all;
  expect(onStreamResult.mock.calls).toEqual([
    [shape('Hel'), null],
    [shape('lo'), null],
  ]);
  expect(whole).not.toHaveProperty('isPartial');
  expect(JSON.stringify(whole)).toContain('Hello');
});

test('reasoning is not the answer', async () => {
  const all = ai.generateText(prompt);
  relay.parts('1', { type: 'reasoning-delta', text: 'Hmm' }, { type: 'text-delta', text: 'Yes.' });
  relay.end('1');
  expect(await all).toEqual([{ text: 'Yes.' }]);
});

test('an empty answer is an empty text', async () => {
  const all = ai.generateText(prompt);
  relay.end('1');
  expect(await all).toEqual([{ text: '' }]);
});

test.each([
  [{ code: 'not-allowed' }, 'PERMISSION_DENIED'],
  [{ code: 'unavailable' }, 'NOT_AUTHENTICATED'],
  [{ code: 'payment-required' }, 'PAYMENT_REQUIRED'],
  [{ code: 'invalid-request' }, 'INVALID_REQUEST'],
  [{ code: 'too-large' }, 'INVALID_REQUEST'],
  [{ code: 'invalid-state' }, 'REQUEST_NOT_FOUND'],
  [{ code: 'aborted' }, 'MODEL_REJECTED_REQUEST: 499: The request was stopped.'],
  [{ code: 'rate-limited' }, 'MODEL_REJECTED_REQUEST: 429: Too many requests.'],
  [{ code: 'context-length' }, "MODEL_REJECTED_REQUEST: 413: The request is longer than the model's context window."],
  [{ code: 'not-supported' }, 'MODEL_REJECTED_REQUEST: 501: The connected model cannot do this.'],
  [{ code: 'rejected' }, 'MODEL_REJECTED_REQUEST: 400: The model rejected the request.'],
  [{ code: 'rejected', status: 422 }, 'MODEL_REJECTED_REQUEST: 422: The model rejected the request.'],
  [{ code: 'timeout' }, 'MODEL_REJECTED_REQUEST: 504: The model took too long.'],
  [{ code: 'interrupted' }, 'MODEL_REJECTED_REQUEST: 502: The answer was cut short.'],
  [{ code: 'bad-response' }, 'MODEL_REJECTED_REQUEST: 502: The model sent an answer that makes no sense.'],
  [{ code: 'unknown' }, 'MODEL_REJECTED_REQUEST: 500: Something went wrong.'],
])('%j rejects with the plain string %s', async (error, expected) => {
  const all = ai.generateText(prompt);
  relay.fail('1', error);
  await expect(all).rejects.toBe(expected);
});

test('every code has a string that the original’s clients know', async () => {
  for (const code of aiErrorCodes) {
    const all = ai.generateText(prompt);
    relay.fail(relay.ids().at(-1) ?? '', { code });
    await expect(all).rejects.toMatch(
      /^(PERMISSION_DENIED|NOT_AUTHENTICATED|PAYMENT_REQUIRED|INVALID_REQUEST|REQUEST_NOT_FOUND|MODEL_REJECTED_REQUEST: \d{3}: .+)$/,
    );
  }
});

test('after a rejection the handler is called once with null and the same string', async () => {
  const onStreamResult = vi.fn();
  const all = ai.generateText(prompt, { onStreamResult });
  relay.text('1', 'Hel');
  relay.fail('1', { code: 'interrupted' });
  const message = await all.catch((error) => error);
  expect(onStreamResult).toHaveBeenCalledTimes(2);
  expect(onStreamResult).toHaveBeenLastCalledWith(null, message);
});

test('a request that is refused before it is sent is told to the handler and to listeners as well', async () => {
  const onStreamResult = vi.fn();
  const listener = vi.fn();
  ai.addEventListener(listener);
  await expect(ai.generateText(prompt, { temperature: 9, onStreamResult })).rejects.toBe('INVALID_REQUEST');
  expect(onStreamResult).toHaveBeenCalledExactlyOnceWith(null, 'INVALID_REQUEST');
  expect(listener).toHaveBeenCalledExactlyOnceWith('error', 'INVALID_REQUEST');
  expect(relay.posted).toEqual([]);
});

test.each([
  [null],
  ['text'],
  [5],
  [true],
  [() => undefined],
  [{ onStreamResult: 'no function' }],
  [{ onStreamResult: {} }],
  [{ signal: {} }],
  [{ onProgress: 5 }],
])('the options %j reject with Error("Invalid options")', async (options) => {
  const error = await ai.generateText(prompt, loose(options)).catch((caught) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe('Invalid options');
  expect(relay.posted).toEqual([]);
});

test.each([
  [undefined],
  [null],
  ['Hi'],
  [5],
  [{}],
  [[]],
  [{ prompt: 5 }],
  [{ prompt: null }],
  [{ messages: 'Hi' }],
  [{ messages: { length: 1 } }],
  [{ model: 'm' }],
])('the input %j rejects with Error("Invalid input")', async (input) => {
  for (const ask of [ai.generateText, ai.getCompletion]) {
    const error = await ask(loose(input)).catch((caught) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe('Invalid input');
  }
  expect(relay.posted).toEqual([]);
});

test.each<[string, unknown, unknown]>([
  ['no messages', { messages: [] }, {}],
  ['too many messages', { messages: Array.from({ length: limits.messages + 1 }, () => messages[0]) }, {}],
  ['too many with the prompt', { messages: Array.from({ length: limits.messages }, () => messages[0]), prompt: 'x' }, {}],
  ['too much text', { prompt: 'x'.repeat(limits.requestChars + 1) }, {}],
  ['a message that is none', { messages: ['Hi'] }, {}],
  ['null as a message', { messages: [null] }, {}],
  ['a hole in the messages', { messages: Array(1) }, {}],
  ['an unknown role', { messages: [{ role: 'tool', content: 'x' }] }, {}],
  ['content that is no text', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }, {}],
  ['a long model', prompt, { model: 'x'.repeat(limits.modelChars + 1) }],
  ['a model that is no text', prompt, { model: 5 }],
  [
    'a getter that throws',
    Object.defineProperty({}, 'prompt', {
      get: () => {
        throw new Error('page');
      },
    }),
    {},
  ],
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 2.1, 1e308, '1', {}].map((temperature): [string, unknown, unknown] => [
    `the temperature ${String(temperature)}`,
    prompt,
    { temperature },
  ]),
  ...[Number.NaN, 0, -1, 1.5, 1e308, '10', limits.maxOutputTokens + 1].map((maxTokens): [string, unknown, unknown] => [
    `maxTokens ${String(maxTokens)}`,
    prompt,
    { maxTokens },
  ]),
  ...[0, -1, 1.5, '2', limits.outputs + 1].map((numOutputs): [string, unknown, unknown] => [
    `numOutputs ${String(numOutputs)}`,
    prompt,
    { numOutputs },
  ]),
  ['stops that are none', prompt, { stopSequences: 'x' }],
  ['a stop that is none', prompt, { stopSequences: [5] }],
  ['too many stops', prompt, { stopSequences: Array.from({ length: limits.stopSequences + 1 }, () => 'x') }],
  ['a long stop', prompt, { stopSequences: ['x'.repeat(limits.stopSequenceChars + 1)] }],
])('T40 %s never leaves the document', async (_name, input, options) => {
  await expect(ai.generateText(loose(input), loose(options))).rejects.toBe('INVALID_REQUEST');
  expect(relay.posted).toEqual([]);
});

test.each([undefined, null])('%s is as good as absent, everywhere', async (nothing) => {
  const options = {
    model: nothing,
    temperature: nothing,
    maxTokens: nothing,
    numOutputs: nothing,
    stopSequences: nothing,
    onStreamResult: nothing,
    signal: nothing,
  };
  const all = ai.generateText(loose({ prompt: 'Hi', messages: nothing, model: nothing }), loose(options));
  expect(relay.request()).toEqual({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] });
  answer('Hello.');
  expect(await all).toEqual([{ text: 'Hello.' }]);
});

test('options become the neutral request, and nothing else goes along', () => {
  const options: CompletionOptions = { model: 'a/b', temperature: 2, maxTokens: 400, stopSequences: ['', '\n'], numOutputs: 1 };
  void ai.generateText(prompt, loose({ ...options, url: 'https://evil.test', headers: { Origin: 'x' }, apiKey: 'sk' }));
  expect(relay.request()).toEqual({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    model: 'a/b',
    temperature: 2,
    maxOutputTokens: 400,
    outputs: 1,
    stop: ['\n'],
  });
});

test('the model may stand in the first argument; that of the options counts', () => {
  void ai.generateText({ ...prompt, model: 'first' });
  void ai.generateText({ ...prompt, model: 'first' }, { model: 'second' });
  void ai.generateText(prompt, { model: '' });
  expect([0, 1, 2].map((index) => relay.request(index).model)).toEqual(['first', 'second', undefined]);
});

test('a page that throws in its handlers harms itself only, and the error is its own', async () => {
  const reported = vi.fn();
  process.on('uncaughtException', reported);
  const throwing = () => {
    throw new Error('page');
  };
  const quiet = vi.fn();
  ai.addEventListener(throwing);
  ai.addEventListener(quiet);
  const all = ai.generateText(prompt, { onStreamResult: throwing });
  answer('Hel', 'lo');
  expect(await all).toEqual([{ text: 'Hello' }]);
  const failing = ai.generateText(prompt, { onStreamResult: throwing });
  relay.fail('2', { code: 'timeout' });
  await expect(failing).rejects.toMatch(/^MODEL_REJECTED_REQUEST: 504/);
  expect(quiet).toHaveBeenCalledTimes(1);
  process.off('uncaughtException', reported);
});

test('a failed request is an event with its string', async () => {
  const listener = vi.fn();
  const id = ai.addEventListener(listener);
  expect(id).toEqual(expect.any(String));
  await Promise.allSettled([ai.generateText(prompt), relay.fail('1', { code: 'not-allowed' })]);
  expect(listener).toHaveBeenCalledExactlyOnceWith('error', 'PERMISSION_DENIED');
});

test('a changed model is an event with its name', () => {
  const listener = vi.fn();
  ai.addEventListener(listener);
  relay.send({ v: 1, type: 'event', event: { type: 'model-changed', model: 'a/b' } });
  expect(listener).toHaveBeenCalledExactlyOnceWith('model_changed', { model: 'a/b' });
});

test('a listener is removed by itself or by its id, and only it', () => {
  const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
  ai.addEventListener(first);
  const id = ai.addEventListener(second);
  ai.addEventListener(third);
  ai.removeEventListener(first);
  ai.removeEventListener(id);
  ai.removeEventListener('none');
  relay.send({ v: 1, type: 'event', event: { type: 'model-changed', model: 'x' } });
  expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1]);
});

test('a listener that is none is tolerated', () => {
  expect(ai.addEventListener(loose(null))).toEqual(expect.any(String));
  relay.send({ v: 1, type: 'event', event: { type: 'model-changed', model: 'x' } });
});

test('the model is asked for once and then remembered', async () => {
  const first = ai.getCurrentModel();
  relay.end('1', 'a/b');
  expect(await first).toBe('a/b');
  expect(await ai.getCurrentModel()).toBe('a/b');
  expect(relay.posted).toEqual([{ v: 1, type: 'request', id: '1', call: { type: 'current-model' } }]);
});

test('without a grant the model is `default`, remembered until a call was answered', async () => {
  const first = ai.getCurrentModel();
  relay.end('1', 'default');
  expect(await first).toBe('default');
  expect(await ai.getCurrentModel()).toBe('default');
  const all = ai.generateText(prompt);
  answer('Hello.');
  await all;
  const again = ai.getCurrentModel();
  relay.end('3', 'a/b');
  expect(await again).toBe('a/b');
});

test('a model that could not be learned is `default`, a string, and is asked for again', async () => {
  const first = ai.getCurrentModel();
  relay.fail('1', { code: 'invalid-state' });
  expect(await first).toBe('default');
  const second = ai.getCurrentModel();
  relay.end('2', { not: 'a string' });
  expect(await second).toBe('default');
});

test('a changed model is known without asking', async () => {
  relay.send({ v: 1, type: 'event', event: { type: 'model-changed', model: 'new' } });
  expect(await ai.getCurrentModel()).toBe('new');
  expect(relay.posted).toEqual([]);
});

test('after a lost port the model is asked for anew, save where there is no grant', async () => {
  const first = ai.getCurrentModel();
  relay.end('1', 'a/b');
  await first;
  relay.send({ type: 'disconnected' });
  const second = ai.getCurrentModel();
  relay.end('2', 'default');
  expect(await second).toBe('default');
  relay.send({ type: 'disconnected' });
  expect(await ai.getCurrentModel()).toBe('default');
  expect(relay.ids()).toEqual(['1', '2']);
});

test('a signal rejects with its reason and stops the call; what comes later is ignored', async () => {
  const abort = new AbortController();
  const onStreamResult = vi.fn();
  const all = ai.generateText(prompt, { signal: abort.signal, onStreamResult });
  const reason = new Error('enough');
  abort.abort(reason);
  await expect(all).rejects.toBe(reason);
  expect(relay.posted.at(-1)).toEqual({ v: 1, type: 'abort', id: '1' });
  relay.text('1', 'late');
  relay.fail('1', { code: 'aborted' });
  expect(onStreamResult).not.toHaveBeenCalled();
});

test('a signal that was aborted before asks nothing', async () => {
  await expect(ai.generateText(prompt, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
  expect(relay.posted).toEqual([]);
});

test('a signal that comes after the answer changes nothing', async () => {
  const abort = new AbortController();
  const all = ai.generateText(prompt, { signal: abort.signal });
  answer('Hello.');
  abort.abort();
  expect(await all).toEqual([{ text: 'Hello.' }]);
  expect(relay.posted.map(({ type }) => type)).toEqual(['request']);
});

test('no backend makes 3D objects, and the string says so', async () => {
  await expect(ai.BETA_generate3DObject(prompt)).rejects.toMatch(/^MODEL_REJECTED_REQUEST: 501: /);
});

test('BETA_updateModelProvider resolves and does nothing', async () => {
  await expect(
    ai.BETA_updateModelProvider({ baseUrl: 'https://evil.test', session: { email: 'x' }, shouldSetDefault: true }),
  ).resolves.toBeUndefined();
  expect(relay.posted).toEqual([]);
});

test('calls at once are told apart', async () => {
  const both = [ai.generateText(prompt), ai.generateText(prompt)];
  relay.text('2', 'second');
  relay.text('1', 'first');
  relay.end('2');
  relay.end('1');
  expect(await Promise.all(both)).toEqual([[{ text: 'first' }], [{ text: 'second' }]]);
});

test('frames of calls that nobody waits for are ignored', () => {
  relay.text('9', 'x');
  relay.end('9');
  relay.fail('9', { code: 'timeout' });
  relay.send({ v: 1, type: 'running', id: '9' as never });
});

test('what was read is acknowledged in large steps, a usual answer not at all', async () => {
  const all = ai.generateText(prompt);
  relay.text('1', 'short');
  expect(relay.posted).toHaveLength(1);
  relay.text('1', 'x'.repeat(limits.window / 4));
  expect(relay.posted.at(-1)).toEqual({ v: 1, type: 'taken', id: '1', chars: limits.window / 4 + 5 });
  relay.send({ v: 1, type: 'waiting', id: '1' as never });
  relay.send({ v: 1, type: 'running', id: '1' as never });
  relay.end('1');
  await all;
  expect(relay.posted).toHaveLength(2);
});
