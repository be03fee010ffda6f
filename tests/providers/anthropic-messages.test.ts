import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GenerateRequest, Message, Part } from '../../protocol/generate';
import { createClock } from '../../providers/clock';
import { findFault, type ModelKind } from '../support/servers/anthropic-rules';
import { type AnthropicServer, startAnthropicServer } from '../support/servers/anthropic-server';
import { overSocket } from './over-socket';
import { answering, ask, casesOf, eventStream, json, knownRow, providerOf, readFixtureJson, run } from './replay';
import { text } from './timed';

const row = knownRow('anthropic');
const compatible = knownRow('anthropic-compatible');
const signal = new AbortController().signal;
const sonnet = (words: string, more: Partial<GenerateRequest> = {}) => ask(words, { model: 'claude-sonnet-4-6', ...more });
const clock = { ...createClock(Date.now), random: () => 0 };

let server: AnthropicServer;
beforeEach(async () => {
  server = await startAnthropicServer({ apiKey: 'sk-ant-1' });
});
afterEach(() => server.close());

/** As an extension asks: with the Origin that the browser adds. */
const origin = { origin: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop' };
const provider = (key: string | undefined = 'sk-ant-1') =>
  providerOf(row, { fetch: overSocket('anthropic', server.baseUrl, key, origin), clock });

test('an answer comes over a real socket, cut into events as the server sends them', async () => {
  const outcome = await run(provider(), sonnet('Hi there'));
  expect(text(outcome)).toBe('You said: Hi there');
  expect(outcome.parts[0]).toEqual({ type: 'start', model: 'claude-sonnet-4-6', warnings: [] });
  expect(outcome.parts.at(-1)).toEqual({ type: 'finish', reason: 'stop', rawReason: 'end_turn' });
  expect(server.fault.requests[0]?.headers).toMatchObject({
    'x-api-key': 'sk-ant-1',
    'anthropic-version': '2023-06-01',
    'anthropic-dangerous-direct-browser-access': 'true',
  });
});

test('without its browser header a request of an extension is a 401, told apart from a bad key', async () => {
  const fetch = overSocket('anthropic', server.baseUrl, 'sk-ant-1', {
    ...origin,
    'anthropic-dangerous-direct-browser-access': 'false',
  });
  expect((await run(providerOf(row, { fetch }), sonnet('Hi'))).error).toMatchObject({ status: 401, fault: 'origin-refused' });
  expect((await run(provider('sk-ant-2'), sonnet('Hi'))).error).toMatchObject({ status: 401, fault: 'auth' });
});

test('thoughts, tools and their results go both ways', async () => {
  server.set({
    answer: ({ messages }) =>
      messages.length === 1
        ? {
            text: 'I look.',
            thinking: 'A tool?',
            toolCalls: [
              { name: 'look', input: { at: 'sky' } },
              { name: 'wait', input: {} },
            ],
          }
        : 'Blue.',
  });
  const tools = ['look', 'wait'].map((name) => ({ name, parameters: { type: 'object' } }));
  const first = await run(provider(), sonnet('Look', { tools, reasoningEffort: 'high' }));
  expect(first.parts.filter(({ type }) => type === 'reasoning-delta').length).toBeGreaterThan(0);
  const calls = first.parts.filter((part) => part.type === 'tool-call');
  expect(calls).toEqual([
    { type: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":"sky"}' },
    { type: 'tool-call', id: 'toolu_2', name: 'wait', arguments: '{}' },
  ]);
  expect(first.parts.at(-1)).toMatchObject({ reason: 'tool-calls' });
  const results = calls.map(({ id }) => ({ role: 'tool', content: [{ type: 'tool-result', id, result: 'blue' }] }) as const);
  const messages: Message[] = [
    ...ask('Look').messages,
    { role: 'assistant', content: calls },
    ...results,
    ...ask('So?').messages,
  ];
  expect(text(await run(provider(), sonnet('', { messages, tools, reasoningEffort: 'high' })))).toBe('Blue.');
});

test('a limit and a stop sequence end the answer', async () => {
  server.set({ answer: () => 'one two END three' });
  const { parts } = await run(provider(), sonnet('Count', { stop: ['END'] }));
  expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'stop', rawReason: 'stop_sequence' });
  expect((await run(provider(), sonnet('Count', { maxOutputTokens: 1 }))).parts.at(-1)).toMatchObject({ reason: 'length' });
});

test.each([true, false])('an error inside a 200 is an error; the first event of all: %s', async (isFirst) => {
  server.set({
    answer: () => ({ text: isFirst ? '' : 'Hel', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  });
  const outcome = await run(provider(), sonnet('Hi'));
  expect(text(outcome)).toBe(isFirst ? '' : 'Hel');
  expect(outcome.error).toEqual({ code: 'unavailable', fault: 'overloaded', detail: 'Overloaded' });
});

test('a connection that breaks before the end mark is an interruption', async () => {
  server.fault.on('POST', '/v1/messages', [
    { type: 'headers', headers: { 'content-type': 'text/event-stream' } },
    { type: 'write', data: 'data: {"type":"message_start","message":{"model":"m"}}\n\n' },
    { type: 'cut', data: 'data: {"type":"content_' },
  ]);
  expect((await run(provider(), sonnet('Hi'))).error?.fault).toBe('interrupted');
});

test('an overloaded server is asked again before anything was said', async () => {
  const busy = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  server.fault.on('POST', '/v1/messages', (_, nth) => {
    const body = nth === 0 ? JSON.stringify(busy) : 'data: {"type":"message_start"}\n\ndata: {"type":"message_stop"}\n\n';
    return [
      { type: 'status', code: nth === 0 ? 529 : 200 },
      { type: 'headers', headers: { 'content-type': nth === 0 ? 'application/json' : 'text/event-stream', 'retry-after': '0' } },
      { type: 'write', data: body },
    ];
  });
  expect((await run(provider(), sonnet('Hi'))).error).toBeUndefined();
  expect(server.fault.requests).toHaveLength(2);
});

test('a spend limit is not asked again', async () => {
  const error = { type: 'rate_limit_error', message: 'No.', details: { error_code: 'contract_spend_limit_reached' } };
  const fetch = answering(() => json({ type: 'error', error }, { status: 429 }));
  expect((await run(providerOf(row, { fetch }), sonnet('Hi'))).error?.fault).toBe('payment');
  expect(fetch.calls).toHaveLength(1);
});

test('an abort closes the socket within 250 ms, before and within the answer', async () => {
  for (const [index, pace] of [{ headDelayMs: 60_000 }, { chunkDelayMs: 20 }].entries()) {
    server.set({ headDelayMs: 0, chunkDelayMs: 0, ...pace, answer: () => 'word '.repeat(1000) });
    const caller = new AbortController();
    const outcome = run(provider(), sonnet('Hi'), caller.signal);
    await server.fault.waitForRequest(index + 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    caller.abort();
    expect((await outcome).error?.code).toBe('aborted');
    expect(await server.fault.closedAfter(index, start)).toBeLessThan(250);
  }
});

test('the list of models is read page by page', async () => {
  const ids = Array.from({ length: 1001 }, (_, number) => `claude-${number}`);
  server.set({ models: Object.fromEntries(ids.map((id) => [id, { kind: 'strict', maxTokens: 1000 }])) });
  const models = await provider().models(signal);
  expect(models).toHaveLength(1001);
  expect(models[0]).toMatchObject({ contextTokens: 200_000, maxOutputTokens: 1000, inputs: ['text', 'image'] });
  expect(server.fault.requests).toHaveLength(2);
  await expect(provider('no').models(signal)).rejects.toMatchObject({ fault: 'auth' });
});

test('a list that goes in a circle ends, and one that is none is no list', async () => {
  const fetch = answering(() => json({ data: [{ id: 'a' }], has_more: true, last_id: 'a' }));
  expect(await providerOf(row, { fetch }).models(signal)).toEqual([{ id: 'a', name: 'a' }]);
  expect(fetch.calls).toHaveLength(2);
  for (const body of [[], { models: [] }])
    await expect(providerOf(row, { fetch: answering(() => json(body)) }).models(signal)).rejects.toMatchObject({
      fault: 'malformed',
    });
});

test.each([
  ['an event without a type', { index: 1 }],
  ['a call without a name', { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'x' } }],
])('%s is malformed', async (_, event) => {
  const fetch = answering(() => eventStream(`data: ${JSON.stringify(event)}\n\n`));
  expect((await run(providerOf(row, { fetch }), sonnet('Hi'))).error?.fault).toBe('malformed');
});

test.each([
  ['broken JSON', 'data: {"type":\n\n', 'malformed'],
  ['JSON cut off at the end', 'data: {"type":', 'interrupted'],
  ['nothing at all', ': ping\n\n', 'interrupted'],
])('%s is told apart', async (_, stream, fault) => {
  const fetch = answering(() => eventStream(stream));
  expect((await run(providerOf(row, { fetch }), sonnet('Hi'))).error?.fault).toBe(fault);
});

test('a whole answer that is none is malformed, and one with an error an error', async () => {
  const failing = (body: unknown) => run(providerOf(compatible, { fetch: answering(() => json(body)) }), ask('Hi'));
  expect((await failing({ choices: [] })).error?.fault).toBe('malformed');
  expect((await failing({ type: 'error', error: { type: 'not_found_error', message: 'model: m' } })).error?.fault).toBe(
    'invalid-request',
  );
});

test('a connection without an address says which field is missing', async () => {
  const bare = { ...compatible, address: { type: 'none' } as const };
  expect((await run(providerOf(bare, {}), ask('Hi'))).error).toEqual({ code: 'unavailable', field: 'baseUrl' });
});

const part = (value: Part): GenerateRequest => ({ model: 'claude-opus-5', messages: [{ role: 'user', content: [value] }] });
test.each([
  ['audio', part({ type: 'audio', mediaType: 'audio/wav', data: 'AA==' })],
  ['a kind of image that is unknown there', part({ type: 'image', mediaType: 'image/bmp', data: 'AA==' })],
  ['an image in the system text', { ...part({ type: 'image', mediaType: 'image/png', data: 'AA==' }), isSystem: true }],
])('%s is refused before anything is sent', async (_, { isSystem, ...request }: GenerateRequest & { isSystem?: boolean }) => {
  const [first] = request.messages;
  const messages = isSystem && first ? [{ ...first, role: 'system' } as const, ...ask('Hi').messages] : request.messages;
  expect((await run(providerOf(row, {}), { ...request, messages })).error?.fault).toBe('not-supported');
});

/** What the real API would say of each recorded request: the rules are written apart from the dialect. */
const kinds: readonly (readonly [RegExp, ModelKind, number])[] = [
  [/-3-haiku/, 'free', 4096],
  [/4-5/, 'free', 64_000],
  [/4-6/, 'one-sampler', 128_000],
  [/-5$/, 'strict', 128_000],
];
test.each(casesOf('anthropic', 'request.json'))('the recorded request %s keeps the rules of the API', (name) => {
  const { sent } = readFixtureJson<{ sent?: Record<string, unknown> }>('anthropic', `${name}.expected.json`);
  const [, kind, most] = kinds.find(([pattern]) => pattern.test(String(sent?.model ?? 'claude-sonnet-5'))) ?? [];
  if (kind === undefined || most === undefined) throw new Error(`${sent?.model} is of no kind.`);
  expect(sent && findFault(sent, kind, most)).toBeUndefined();
});
