import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GenerateRequest, Message } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { findFault, type GeminiRequest, type ModelKind } from '../support/servers/gemini-rules';
import { type GeminiServer, startGeminiServer } from '../support/servers/gemini-server';
import { overSocket } from './over-socket';
import { answering, ask, casesOf, eventStream, json, knownRow, providerOf, readFixtureJson, run } from './replay';
import { failing, text, timed } from './timed';

const row = knownRow('gemini');
const signal = new AbortController().signal;
const flash = (words: string, more: Partial<GenerateRequest> = {}) => ask(words, { model: 'gemini-3.5-flash', ...more });

let server: GeminiServer;
beforeEach(async () => {
  server = await startGeminiServer({ apiKey: 'AIza1' });
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const provider = (key = 'AIza1') => providerOf(row, { fetch: overSocket('gemini', server.baseUrl, key) });

test('an answer comes over a real socket, cut into chunks as the server sends them', async () => {
  const outcome = await run(provider(), flash('Hi there'));
  expect(text(outcome)).toBe('You said: Hi there');
  expect(outcome.parts[0]).toEqual({ type: 'start', model: 'gemini-3.5-flash', warnings: [] });
  expect(outcome.parts.at(-1)).toEqual({ type: 'finish', reason: 'stop', rawReason: 'STOP' });
});

test('T56 the key goes in a header and never in an address', async () => {
  const fetch = overSocket('gemini', server.baseUrl, 'AIza1');
  const google = providerOf(row, { fetch });
  await google.models(signal);
  await run(google, flash('Hi'));
  expect(fetch.urls).toHaveLength(2);
  for (const url of fetch.urls) expect(url).not.toMatch(/key=|AIza/);
  expect(server.fault.requests.map(({ headers }) => headers['x-goog-api-key'])).toEqual(['AIza1', 'AIza1']);
});

test('a bad key is a 400, and none at all a 403', async () => {
  expect((await run(provider('AIza2'), flash('Hi'))).error).toMatchObject({ status: 400, fault: 'auth' });
  const keyless = providerOf(row, { fetch: overSocket('gemini', server.baseUrl) });
  expect((await run(keyless, flash('Hi'))).error).toMatchObject({ status: 403, fault: 'forbidden' });
});

test('thoughts, tools and their results go both ways, also where calls must be signed', async () => {
  server.set({
    models: { 'gemini-3.6-flash': 'strict' },
    answer: ({ contents }) =>
      contents.length === 1
        ? {
            text: 'I look.',
            thoughts: 'A tool?',
            toolCalls: [
              { name: 'look', args: { at: 'sky' } },
              { name: 'wait', args: {} },
            ],
          }
        : 'Blue.',
  });
  const tools = ['look', 'wait'].map((name) => ({ name, parameters: { type: 'object' } }));
  const request = { tools, model: 'gemini-3.6-flash', reasoningEffort: 'high', temperature: 0.5 } as const;
  const first = await run(provider(), flash('Look', request));
  expect(first.parts[0]).toMatchObject({ warnings: [{ parameter: 'temperature' }] });
  expect(first.parts.filter(({ type }) => type === 'reasoning-delta').length).toBeGreaterThan(0);
  const calls = first.parts.filter((part) => part.type === 'tool-call');
  expect(calls.map(({ id, name }) => [id, name])).toEqual([
    ['call_0', 'look'],
    ['call_1', 'wait'],
  ]);
  expect(first.parts.at(-1)).toEqual({ type: 'finish', reason: 'tool-calls', rawReason: 'STOP' });
  const results = calls.map(({ id }) => ({ role: 'tool', content: [{ type: 'tool-result', id, result: 'blue' }] }) as const);
  const messages: Message[] = [...ask('Look').messages, { role: 'assistant', content: calls }, ...results];
  expect(text(await run(provider(), flash('', { ...request, messages })))).toBe('Blue.');
});

test('a model without a system text is told in the turn of the user', async () => {
  const messages: Message[] = [{ role: 'system', content: [{ type: 'text', text: 'Be brief. ' }] }, ...ask('Hi').messages];
  expect(text(await run(provider(), ask('', { model: 'gemma-3-27b-it', messages })))).toBe('You said: Be brief. Hi');
});

test('an answer in parts is asked for until it ends, and no longer than a limit', async () => {
  server.set({
    answer: ({ continuationToken }) =>
      continuationToken === undefined ? { text: 'Once upon', continuationToken: 'one' } : ' a time.',
  });
  const outcome = await run(provider(), flash('Write'));
  expect(text(outcome)).toBe('Once upon a time.');
  expect(outcome.parts.at(-1)).toMatchObject({ reason: 'stop' });
  expect(server.generations.map(({ continuationToken }) => continuationToken)).toEqual([undefined, 'one']);
  server.set({ answer: () => ({ text: 'x', continuationToken: 'again' }) });
  expect((await run(provider(), flash('Write'))).error?.fault).toBe('too-large');
  expect(server.generations).toHaveLength(2 + 1 + limits.continuations);
});

test('a sixth stop sequence is cut on our side, and the request upstream ends there', async () => {
  server.set({ answer: () => `six f ${'word '.repeat(1000)}`, chunkDelayMs: 5 });
  const outcome = await run(provider(), flash('Count', { stop: ['a', 'b', 'c', 'd!', 'e', 'f'] }));
  expect(text(outcome)).toBe('six ');
  expect(await server.fault.closedAfter(0)).toBeLessThan(250);
});

test('an error inside a 200 is an error, and a refused prompt is told apart', async () => {
  server.set({ answer: () => ({ text: 'Hel', error: { code: 500, status: 'INTERNAL', message: 'Oops' } }) });
  const outcome = await run(provider(), flash('Hi'));
  expect(text(outcome)).toBe('Hel');
  expect(outcome.error).toEqual({ code: 'unavailable', fault: 'server', status: 500, detail: 'Oops' });
  server.set({ answer: () => ({ blockReason: 'SAFETY' }) });
  expect((await run(provider(), flash('Hi'))).error).toMatchObject({ fault: 'content-policy', detail: 'SAFETY' });
});

test('a connection that breaks is an interruption, unless everything was said', async () => {
  const chunk = (more: object) =>
    `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: 'Hi' }] }, ...more }] })}\n\n`;
  for (const [more, fault] of [
    [{}, 'interrupted'],
    [{ finishReason: 'STOP' }, undefined],
  ] as const) {
    server.fault.on('POST', /./, [
      { type: 'headers', headers: { 'content-type': 'text/event-stream' } },
      { type: 'write', data: chunk(more) },
      { type: 'cut', data: 'data: {"cand' },
    ]);
    expect((await run(provider(), flash('Hi'))).error?.fault).toBe(fault);
  }
});

test('an abort closes the socket within 250 ms, before and within the answer', async () => {
  for (const [index, pace] of [{ headDelayMs: 60_000 }, { chunkDelayMs: 20 }].entries()) {
    server.set({ headDelayMs: 0, chunkDelayMs: 0, ...pace, answer: () => 'word '.repeat(1000) });
    const caller = new AbortController();
    const outcome = run(provider(), flash('Hi'), caller.signal);
    await server.fault.waitForRequest(index + 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    caller.abort();
    expect((await outcome).error?.code).toBe('aborted');
    expect(await server.fault.closedAfter(index, start)).toBeLessThan(250);
  }
});

test('the list of models is read page by page; one that goes in a circle ends', async () => {
  const ids = Array.from({ length: 1001 }, (_, number) => `gemini-${number}`);
  server.set({ models: Object.fromEntries(ids.map((id) => [id, 'open'])) });
  expect(await provider().models(signal)).toHaveLength(1001);
  await expect(provider('no').models(signal)).rejects.toMatchObject({ fault: 'auth' });
  const circle = answering(() => json({ models: [], nextPageToken: 'a' }));
  expect(await providerOf(row, { fetch: circle }).models(signal)).toEqual([]);
  expect(circle.calls).toHaveLength(2);
  await expect(providerOf(row, { fetch: answering(() => json([])) }).models(signal)).rejects.toMatchObject({
    fault: 'malformed',
  });
});

const exhausted = (retryDelay: string, quotaId = 'RequestsPerMinute') =>
  failing(
    429,
    {},
    {
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'No.',
        details: [{ violations: [{ quotaId }] }, { retryDelay }],
      },
    },
  );

test('a rate limit is waited for as long as its body says; a daily quota is not', async () => {
  vi.useFakeTimers();
  const answer = () => eventStream('data: {"candidates":[{"finishReason":"STOP"}]}\n\n');
  const patient = await timed(answering(exhausted('34.4s'), answer), row);
  expect(patient.error).toBeUndefined();
  expect(patient.milliseconds).toBeGreaterThanOrEqual(34_400);
  expect(patient.milliseconds).toBeLessThan(34_600);
  for (const refusal of [exhausted('1s', 'GenerateRequestsPerDayPerProject'), exhausted('60.5s')]) {
    const fetch = answering(refusal);
    expect((await timed(fetch, row)).error?.fault).toBe('rate-limit');
    expect(fetch.calls).toHaveLength(1);
  }
});

test.each([
  ['a chunk that is none', 'data: 7\n\n', 'malformed'],
  ['a call without a name', 'data: {"candidates":[{"content":{"parts":[{"functionCall":{}}]}}]}\n\n', 'malformed'],
  ['a stream without a candidate', 'data: {}\n\n', 'interrupted'],
])('%s is told apart', async (_, stream, fault) => {
  const fetch = answering(() => eventStream(stream));
  expect((await run(providerOf(row, { fetch }), flash('Hi'))).error?.fault).toBe(fault);
});

test('a reason that nobody knows ends the answer as other', async () => {
  const fetch = answering(() => eventStream('data: {"candidates":[{"finishReason":"NEW_REASON"}]}\n\n'));
  const { parts } = await run(providerOf(row, { fetch }), flash('Hi'));
  expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'other', rawReason: 'NEW_REASON' });
});

test('a model id cannot leave its path', async () => {
  const fetch = answering(() => json({ error: { code: 404, message: 'No.' } }, { status: 404 }));
  await run(providerOf(row, { fetch }), flash('Hi', { model: '../files?x=' }));
  expect(fetch.calls[0]?.url).toBe(
    'https://generativelanguage.googleapis.com/v1beta/models/..%2Ffiles%3Fx%3D:streamGenerateContent?alt=sse',
  );
});

test('a connection without an address says which field is missing', async () => {
  const bare = { ...row, address: { type: 'none' } as const };
  expect((await run(providerOf(bare, {}), ask('Hi'))).error).toEqual({ code: 'unavailable', field: 'baseUrl' });
});

/** What the real API would say of each recorded request: the rules are written apart from the dialect. */
const kindOf = (model: string): ModelKind =>
  model.startsWith('gemma') ? 'gemma' : /^gemini-(2|3\.5)/.test(model) ? 'open' : 'strict';
test.each(casesOf('gemini', 'request.json'))('the recorded request %s keeps the rules of the API', (name) => {
  const { model = '' } = readFixtureJson<GenerateRequest>('gemini', `${name}.request.json`);
  const { sent } = readFixtureJson<{ sent?: GeminiRequest }>('gemini', `${name}.expected.json`);
  expect(sent && findFault(sent, kindOf(model), model)).toBeUndefined();
});
