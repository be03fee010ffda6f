import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tool } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import { createProvider } from '../../providers/create-provider';
import { isResponsesOnly } from '../../providers/dialects/openai-reasoning';
import { type ResponsesServer, startResponsesServer } from '../support/servers/responses-server';
import { answering, ask, collect, eventStream, json, knownRow, noEngine, noSocket, providerOf, run } from './replay';

const row = knownRow('openai');
let server: ResponsesServer;
beforeEach(async () => {
  server = await startResponsesServer({ apiKey: 'sk-right' });
});
afterEach(() => server.close());

/** What egress does: the vendor's address is the stand-in's, and the key comes last. */
const provider = (key = 'sk-right') =>
  createProvider(row, {
    connection: { id: toConnectionId('c'), providerId: row.id, name: 'OpenAI' },
    fetch: (url, { headers, ...init } = {}) =>
      fetch(url.replace('https://api.openai.com/v1', server.baseUrl), {
        ...init,
        headers: { ...headers, authorization: `Bearer ${key}` },
      }),
    socket: noSocket,
    engine: noEngine,
    now: Date.now,
  });
const askPro = (text: string, more = {}) => ask(text, { model: 'gpt-5-pro', ...more });

test('over a real socket an answer comes event by event, and the vendor is told to keep nothing', async () => {
  const { parts } = await run(provider(), askPro('Name a river.'));
  expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta', 'text-delta', 'usage', 'finish']);
  expect(server.asked).toMatchObject([{ store: false, stream: true }]);
});

test('an abort closes the socket within 250 ms', async () => {
  server.set({ answer: () => 'and on '.repeat(1000), chunkDelayMs: 20 });
  const abort = new AbortController();
  const stream = provider().generate(askPro('Hi'), abort.signal);
  let since = 0;
  const outcome = await collect(
    (async function* () {
      for await (const part of stream) {
        yield part;
        if (part.type !== 'text-delta' || since > 0) continue;
        since = performance.now();
        abort.abort();
      }
    })(),
  );
  expect(outcome.error).toMatchObject({ code: 'aborted' });
  expect(await server.fault.closedAfter(0, since)).toBeLessThan(250);
});

test('an answer that is cut at a stop sequence closes the socket: nothing more is paid for', async () => {
  server.set({ answer: () => `one STOP ${'and on '.repeat(1000)}`, chunkDelayMs: 20 });
  const since = performance.now();
  const { parts } = await run(provider(), askPro('Hi', { stop: ['STOP'] }));
  expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
  expect(await server.fault.closedAfter(0, since)).toBeLessThan(2000);
});

test('no credit under status 200 is no credit, and the answer has not begun: another backend can give it', async () => {
  server.set({ fails: { after: 0, error: { code: 'insufficient_quota', message: 'You exceeded your current quota.' } } });
  expect(await run(provider(), askPro('Hi'))).toMatchObject({ parts: [], error: { fault: 'payment' } });
});

test('a failure in the middle is one, and what came before stays', async () => {
  server.set({ fails: { after: 1, error: { code: 'server_error', message: 'It failed.' } } });
  const { parts, error } = await run(provider(), askPro('Hi'));
  expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta']);
  expect(error).toMatchObject({ fault: 'server', detail: 'It failed.' });
});

test('an organisation that may not have summaries is answered without, and nobody is bothered', async () => {
  server.set({ isVerified: false });
  const { parts } = await run(provider(), askPro('Hi', { reasoningEffort: 'high' }));
  expect(parts[0]).toMatchObject({ type: 'start', warnings: [] });
  expect(server.asked).toMatchObject([{ reasoning: { effort: 'high' } }]);
});

test('an effort that the model does not know is left out, and the caller is told', async () => {
  const { parts } = await run(provider(), askPro('Hi', { reasoningEffort: 'low' }));
  expect(parts[0]).toMatchObject({ warnings: [{ type: 'parameter-dropped', parameter: 'reasoningEffort' }] });
});

test.each([
  ['llama.cpp, which calls every answer completed', { timings: { predicted_n: 20 } }, 20, 'length'],
  ['llama.cpp, of an answer that ended before', { timings: { predicted_n: 19 } }, 19, 'stop'],
  ['OpenAI, whose word is believed', {}, 20, 'stop'],
])('an answer as long as it may be, of %s', async (_whose, more, output_tokens, reason) => {
  const events = [
    { type: 'response.output_text.delta', delta: 'Hello' },
    { type: 'response.completed', response: { status: 'completed', usage: { input_tokens: 1, output_tokens } }, ...more },
  ];
  const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  const { parts } = await run(
    providerOf(row, { fetch: answering(() => eventStream(stream)) }),
    askPro('Hi', { maxOutputTokens: 20 }),
  );
  expect(parts.at(-1)).toEqual({ type: 'finish', reason, rawReason: 'completed' });
});

test('a wrong key is told apart over the socket', async () => {
  expect((await run(provider('sk-wrong'), askPro('Hi'))).error).toMatchObject({ fault: 'auth', status: 401 });
});

const tools: readonly Tool[] = [{ name: 'f', parameters: { type: 'object', properties: {} } }];
const endOf = (url: string) =>
  url.endsWith('/responses')
    ? json({ status: 'completed', model: 'm', output: [] })
    : eventStream('data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');

test.each([
  ['gpt-4o-mini', {}, 'chat/completions'],
  ['gpt-5.4', { tools }, 'chat/completions'],
  ['gpt-5.6-sol', {}, 'chat/completions'],
  ['gpt-5.6-sol', { tools, reasoningEffort: 'none' }, 'chat/completions'],
  ['gpt-5.6-sol', { tools }, 'responses'],
  ['gpt-5.6-terra', { tools, reasoningEffort: 'high' }, 'responses'],
  ['gpt-5-pro', {}, 'responses'],
  ['gpt-5.1-codex-mini', {}, 'responses'],
] as const)('%s %o goes to /%s', async (model, more, path) => {
  const fetch = answering(({ url }) => endOf(url));
  const { error } = await run(providerOf(row, { fetch }), ask('Hi', { model, ...more }));
  expect(error).toBeUndefined();
  expect(fetch.calls.map(({ url }) => url)).toEqual([`https://api.openai.com/v1/${path}`]);
});

test('gpt-5.2-pro and gpt-5.4-pro know both APIs', () => {
  expect(['gpt-5.2-pro', 'gpt-5.4-pro', 'gpt-5.4', 'o3'].filter(isResponsesOnly)).toEqual([]);
  expect(['codex-mini-latest', 'gpt-5-pro-2025-10-06', 'o3-pro'].every(isResponsesOnly)).toBe(true);
});

test.each([
  ['broken JSON', 'data: {"type":\n\n', 'malformed'],
  ['an event without a type', 'data: {}\n\n', 'malformed'],
  ['a tool call without a name', 'data: {"type":"response.output_item.done","item":{"type":"function_call"}}\n\n', 'malformed'],
  ['half an event', 'data: {"type":"response.comp', 'interrupted'],
  ['nothing at all', ': ping\n\n', 'interrupted'],
])('%s ends the answer as %s', async (_what, body, fault) => {
  const fetch = answering(() => eventStream(body));
  expect((await run(providerOf(row, { fetch }), askPro('Hi'))).error).toMatchObject({ fault });
});

test('a document that is no finished answer is none', async () => {
  for (const body of [{ object: 'response', status: 'queued' }, { status: 'cancelled', error: null }, []]) {
    const { error } = await run(providerOf(row, { fetch: answering(() => json(body)) }), askPro('Hi'));
    expect(['malformed', 'server']).toContain(error?.fault);
  }
});

test('an image of the assistant is refused, not lost', async () => {
  const content = [{ type: 'image', mediaType: 'image/png', data: 'AA==' }] as const;
  const { error } = await run(provider(), askPro('Hi', { messages: [{ role: 'assistant', content }] }));
  expect(error).toMatchObject({ fault: 'not-supported', field: 'messages' });
});
