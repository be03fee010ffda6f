import { expect, test, vi } from 'vitest';
import { backendError } from '../../protocol/errors';
import type { GenerateRequest } from '../../protocol/generate';
import { answering, ask, bytesOf, eventStream, json, knownRow, providerOf, run, stillClock, streamOf } from './replay';
import { chunk } from './timed';

const openai = knownRow('openai');
const openrouter = knownRow('openrouter');
const compatible = knownRow('openai-compatible');
const signal = new AbortController().signal;

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const finished = chunk({}, 'stop');
const read = (stream: string, request: GenerateRequest = ask('Hi'), row = compatible) =>
  run(providerOf(row, { fetch: answering(() => eventStream(stream)) }), request);
const refusal =
  (param: string | null, code = 'unsupported_parameter') =>
  (): Response =>
    json({ error: { message: 'No.', type: 'invalid_request_error', param, code } }, { status: 400 });

test('a request goes to the address of the row or of the person, with the constant headers of the vendor', async () => {
  const fetch = answering(() => eventStream(finished));
  await run(providerOf(openrouter, { fetch }), ask('Hi'));
  await run(providerOf(compatible, { fetch, baseUrl: 'http://192.168.1.5:1234/v1' }), ask('Hi'));
  expect(fetch.calls.map(({ url, method, headers }) => ({ url, method, headers }))).toEqual([
    {
      url: 'https://openrouter.ai/api/v1/chat/completions',
      method: 'POST',
      headers: {
        'HTTP-Referer': 'https://github.com/oriel-extension/oriel',
        'X-OpenRouter-Title': 'Oriel',
        'Content-Type': 'application/json',
      },
    },
    { url: 'http://192.168.1.5:1234/v1/chat/completions', method: 'POST', headers: { 'Content-Type': 'application/json' } },
  ]);
});

test('a connection without an address says which field is missing', async () => {
  const row = { ...compatible, address: { type: 'none' } as const };
  expect((await run(providerOf(row, {}), ask('Hi'))).error).toEqual({ code: 'unavailable', field: 'baseUrl' });
});

test('text cut at a stop sequence of ours ends the request upstream', async () => {
  const onCancel = vi.fn();
  let pulls = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytesOf(chunk({ content: pulls++ === 3 ? 'e' : 'x' })));
    },
    cancel: onCancel,
  });
  const fetch = answering(() => eventStream(endless));
  const { parts } = await run(providerOf(openai, { fetch }), ask('Hi', { stop: ['a', 'b', 'c', 'd', 'e'] }));
  expect(parts.slice(1)).toEqual([
    ...Array.from({ length: 3 }, () => ({ type: 'text-delta', text: 'x' })),
    { type: 'finish', reason: 'stop' },
  ]);
  expect(onCancel).toHaveBeenCalled();
  expect(fetch.calls[0]?.signal?.aborted).toBe(true);
});

test('an output that was cut says nothing more while another one goes on', async () => {
  const piece = (index: number, delta: object, reason: string | null = null) =>
    event({ choices: [{ index, delta, finish_reason: reason }] });
  const request = ask('Hi', { outputs: 2, stop: ['1', '2', '3', '4', 'END'] });
  const stream =
    piece(0, { content: 'aEND' }) + piece(0, { content: 'b', reasoning: 'c' }, 'length') + piece(1, { content: 'd' }, 'length');
  expect((await read(stream, request, openai)).parts.slice(1)).toEqual([
    { type: 'text-delta', text: 'a' },
    { type: 'text-delta', text: 'd', output: 1 },
    { type: 'finish', reason: 'stop' },
    { type: 'finish', reason: 'length', rawReason: 'length', output: 1 },
  ]);
});

test('what was held back for a stop sequence is shown at the end', async () => {
  const request = ask('Hi', { stop: ['1', '2', '3', '4', 'END'] });
  const { parts } = await read(chunk({ content: 'The EN' }) + finished, request, openai);
  expect(parts.slice(1, -1)).toEqual([
    { type: 'text-delta', text: 'The ' },
    { type: 'text-delta', text: 'EN' },
  ]);
});

test('a parameter that the model refuses is left out once, with a warning', async () => {
  const fetch = answering(refusal('temperature', 'unsupported_value'), () => eventStream(chunk({ content: 'Hi' }, 'stop')));
  const { parts } = await run(providerOf(openai, { fetch }), ask('Hi', { temperature: 1, seed: 2 }));
  expect(parts[0]).toEqual({ type: 'start', model: 'm', warnings: [{ type: 'parameter-dropped', parameter: 'temperature' }] });
  expect(fetch.calls.map(({ body }) => body)).toEqual([
    expect.objectContaining({ temperature: 1, seed: 2 }),
    expect.not.objectContaining({ temperature: 1 }),
  ]);
});

test('stop sequences that the model refuses are cut on our side', async () => {
  const fetch = answering(refusal('stop'), () => eventStream(chunk({ content: 'one END two' }) + finished));
  const { parts } = await run(providerOf(openai, { fetch }), ask('Hi', { stop: ['END'] }));
  expect(parts[1]).toEqual({ type: 'text-delta', text: 'one ' });
});

test.each([
  ['the second refusal in a row', [refusal('temperature'), refusal('seed')], 2],
  ['a refusal of what changes the meaning', [refusal('messages')], 1],
  ['a refusal that names nothing', [refusal(null)], 1],
  ['a refusal of a value', [refusal('temperature', 'invalid_value')], 1],
])('%s is an error', async (_, answers, calls) => {
  const fetch = answering(...answers);
  const { error } = await run(providerOf(openai, { fetch }), ask('Hi', { temperature: 1, seed: 2 }));
  expect(error).toMatchObject({ fault: 'invalid-request', status: 400 });
  expect(fetch.calls).toHaveLength(calls);
});

test('a reasoning model is asked once per output, since it takes no n', async () => {
  const fetch = answering(() => eventStream(chunk({ content: 'Hi' }, 'stop')));
  const { parts } = await run(providerOf(openai, { fetch }), ask('Hi', { model: 'gpt-5.4', outputs: 3 }));
  expect(fetch.calls).toHaveLength(3);
  expect(parts.filter(({ type }) => type === 'finish').map((part) => ('output' in part ? part.output : 0))).toEqual([0, 1, 2]);
});

test('several outputs are an answer only when each has finished', async () => {
  expect((await read(chunk({ content: 'a' }, 'stop'), ask('Hi', { outputs: 2 }), openai)).error?.fault).toBe('interrupted');
});

test('an abort ends the stream and the request upstream', async () => {
  const caller = new AbortController();
  const onCancel = vi.fn();
  const open = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytesOf(chunk({ content: 'a' }))),
    cancel: onCancel,
  });
  const fetch = answering(() => eventStream(open));
  const stream = providerOf(compatible, { fetch }).generate(ask('Hi'), caller.signal)[Symbol.asyncIterator]();
  expect((await stream.next()).value).toMatchObject({ type: 'start' });
  expect((await stream.next()).value).toMatchObject({ text: 'a' });
  const next = stream.next();
  caller.abort();
  await expect(next).rejects.toMatchObject({ code: 'aborted' });
  expect(fetch.calls[0]?.signal?.aborted).toBe(true);
  expect(onCancel).toHaveBeenCalled();
});

test('an abort before the headers ends the request', async () => {
  const caller = new AbortController();
  const fetch = answering(
    ({ signal: upstream }) =>
      new Promise((_, reject) => upstream?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))),
  );
  const outcome = run(providerOf(compatible, { fetch }), ask('Hi'), caller.signal);
  caller.abort('for no reason');
  expect((await outcome).error).toEqual({ code: 'aborted' });
});

test('a reader that leaves early closes the socket', async () => {
  const onCancel = vi.fn();
  const open = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytesOf(chunk({ content: 'a' }))),
    cancel: onCancel,
  });
  const fetch = answering(() => eventStream(open));
  for await (const part of providerOf(compatible, { fetch }).generate(ask('Hi'), signal)) if (part.type === 'text-delta') break;
  expect(onCancel).toHaveBeenCalledOnce();
  expect(fetch.calls[0]?.signal?.aborted).toBe(true);
});

test('T104 a thousand requests leave no listener on the signal of their caller, and no timer', async () => {
  let timers = 0;
  const clock = {
    ...stillClock,
    after: () => {
      timers++;
      return () => void timers--;
    },
  };
  const caller = new AbortController();
  const added = vi.spyOn(caller.signal, 'addEventListener');
  const removed = vi.spyOn(caller.signal, 'removeEventListener');
  for (let count = 0; count < 1000; count++) {
    await run(providerOf(compatible, { fetch: answering(() => eventStream(finished)), clock }), ask('Hi'), caller.signal);
  }
  expect(added).toHaveBeenCalledTimes(1000);
  expect(removed).toHaveBeenCalledTimes(1000);
  expect(timers).toBe(0);
});

test('OpenRouter is asked about the key before its open list of models', async () => {
  const bad = answering(() => json({ error: { code: 401, message: 'No auth credentials found' } }, { status: 401 }));
  await expect(providerOf(openrouter, { fetch: bad }).models(signal)).rejects.toMatchObject({ fault: 'auth' });
  expect(bad.calls.map(({ url }) => url)).toEqual(['https://openrouter.ai/api/v1/key']);
  const good = answering(
    () => json({ data: {} }),
    () => json({ data: [] }),
  );
  expect(await providerOf(openrouter, { fetch: good }).models(signal)).toEqual([]);
  expect(good.calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET https://openrouter.ai/api/v1/key',
    'GET https://openrouter.ai/api/v1/models',
  ]);
});

test.each([
  [() => json({ error: 'Unexpected endpoint or method. (GET /models)' }), { fault: 'invalid-request' }],
  [() => json({ object: 'list' }), { fault: 'malformed' }],
  [() => new Response('<html>', { headers: { 'content-type': 'text/html' } }), { fault: 'content-type' }],
  [() => json({ error: { message: 'Loading model', code: 503 } }, { status: 503 }), { fault: 'overloaded', status: 503 }],
  [() => new Response(null, { status: 403 }), { fault: 'origin-refused' }],
  [() => Promise.reject(new TypeError('Failed to fetch')), { fault: 'network' }],
  [() => Promise.reject(backendError('secret-missing', 'No key.')), { fault: 'secret-missing' }],
])('a test of a connection says what is wrong at once (%#)', async (answer, expected) => {
  const fetch = answering(answer);
  await expect(providerOf(compatible, { fetch }).models(signal)).rejects.toMatchObject(expected);
  expect(fetch.calls).toHaveLength(1);
});

test('a list of models can be aborted, and is bounded', async () => {
  const fetch = answering(() => new Promise<Response>(() => undefined));
  await expect(providerOf(compatible, { fetch }).models(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  const huge = answering(
    () => new Response(streamOf(new Uint8Array(9 * 1024 * 1024)), { headers: { 'content-type': 'application/json' } }),
  );
  await expect(providerOf(compatible, { fetch: huge }).models(signal)).rejects.toMatchObject({ fault: 'too-large' });
});
