import { expect, test } from 'vitest';
import { createPageClient } from '../../page/client';
import { baseURL, createOpenAiFetch } from '../../page/openai-fetch';
import * as limits from '../../protocol/page-limits';
import { createRelayEnd } from './support/relay-end';

function createFetch() {
  const relay = createRelayEnd();
  const client = createPageClient(relay.port);
  const fetch = createOpenAiFetch(client);
  /** The call that the request became, once its body is read. */
  const call = async () => {
    for (let turn = 0; turn < 20 && relay.posted.length === 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return relay.posted[0]?.call;
  };
  return { relay, fetch, call };
}

const chat = `${baseURL}/chat/completions`;
const post = (body: string, init: RequestInit = {}) => ({ method: 'POST', body, ...init });

test.each([
  ['a string', chat, post('{"a":1}'), 'POST /chat/completions', '{"a":1}'],
  ['a URL', new URL(chat), post('{}'), 'POST /chat/completions', '{}'],
  ['a Request', new Request(chat, post('{}')), undefined, 'POST /chat/completions', '{}'],
  ['a path with a query', `${baseURL}/models?limit=20`, undefined, 'GET /models?limit=20', ''],
  ['bytes', chat, { method: 'post', body: new TextEncoder().encode('{"ü":1}') }, 'POST /chat/completions', '{"ü":1}'],
])('%s becomes a call with its method, path and body', async (_what, input, init, endpoint, body) => {
  const { fetch, call } = createFetch();
  fetch(input, init);
  expect(await call()).toEqual({ type: 'openai', endpoint, body });
});

test('an answer as a whole is a Response with its status, headers and body', async () => {
  const { fetch, call, relay } = createFetch();
  const answered = fetch(chat, post('{}'));
  await call();
  relay.end('1', { status: 429, headers: { 'content-type': 'application/json', 'retry-after': '2' }, body: '{"error":{}}' });
  const response = await answered;
  expect(response).toBeInstanceOf(Response);
  expect([response.status, response.ok, response.headers.get('retry-after')]).toEqual([429, false, '2']);
  expect(await response.json()).toEqual({ error: {} });
});

test('a stream is a Response before its end, in bytes as they come', async () => {
  const { fetch, call, relay } = createFetch();
  const answered = fetch(chat, post('{}'));
  await call();
  relay.text('1', 'data: 1\n\n');
  const response = await answered;
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect(await reader?.read()).toEqual({ value: 'data: 1\n\n', done: false });
  relay.text('1', 'data: ü\n\n');
  expect(await reader?.read()).toEqual({ value: 'data: ü\n\n', done: false });
  relay.end('1');
  expect((await reader?.read())?.done).toBe(true);
});

test('what is not text of the answer is nothing to a page', async () => {
  const { fetch, call, relay } = createFetch();
  const answered = fetch(chat, post('{}'));
  await call();
  relay.parts('1', { type: 'progress', stage: 'queued' });
  relay.end('1', { status: 200, headers: {}, body: 'whole' });
  expect(await (await answered).text()).toBe('whole');
});

test.each([
  'https://api.openai.com/v1/models',
  'https://oriel.invalid/v1',
  'https://oriel.invalid/v2/models',
  'https://oriel.invalid.evil.test/v1/models',
  'http://oriel.invalid/v1/models',
  'https://oriel.invalid/v1/../x',
])('%s is not fetched: a TypeError says what is', async (url) => {
  const { fetch, relay } = createFetch();
  await expect(fetch(url)).rejects.toThrow(TypeError);
  await expect(fetch(url)).rejects.toThrow(baseURL);
  expect(relay.posted).toEqual([]);
});

test('what no Request can be made of rejects as fetch does', async () => {
  const { fetch } = createFetch();
  await expect(fetch('https://[')).rejects.toThrow(TypeError);
  await expect(fetch(chat, { method: 'GET', body: 'x' })).rejects.toThrow(TypeError);
});

test('a signal that is aborted already sends nothing', async () => {
  const { fetch, relay } = createFetch();
  const reason = new Error('mine');
  await expect(fetch(chat, post('{}', { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  expect(relay.posted).toEqual([]);
});

test('an abort before the answer rejects with the signal’s reason and stops the call', async () => {
  const { fetch, call, relay } = createFetch();
  const abort = new AbortController();
  const answered = fetch(chat, post('{}', { signal: abort.signal }));
  await call();
  abort.abort();
  await expect(answered).rejects.toMatchObject({ name: 'AbortError' });
  expect(relay.posted.at(-1)).toMatchObject({ type: 'abort', id: '1' });
});

test('an abort in the middle ends the stream with the reason', async () => {
  const { fetch, call, relay } = createFetch();
  const abort = new AbortController();
  const answered = fetch(chat, post('{}', { signal: abort.signal }));
  await call();
  relay.text('1', 'data: 1\n\n');
  const reader = (await answered).body?.getReader();
  await reader?.read();
  abort.abort();
  await expect(reader?.read()).rejects.toMatchObject({ name: 'AbortError' });
  expect(relay.posted.at(-1)).toMatchObject({ type: 'abort', id: '1' });
});

test('a body that is cancelled stops the call', async () => {
  const { fetch, call, relay } = createFetch();
  const answered = fetch(chat, post('{}'));
  await call();
  relay.text('1', 'data: 1\n\n');
  await (await answered).body?.cancel();
  expect(relay.posted.at(-1)).toMatchObject({ type: 'abort', id: '1' });
});

test.each([
  ['not-allowed', 403],
  ['rate-limited', 429],
  ['invalid-state', 410],
  ['invalid-request', 400],
  ['interrupted', 502],
])('where the background cannot answer, %s is a %i that is not asked again', async (code, status) => {
  const { fetch, call, relay } = createFetch();
  const answered = fetch(chat, post('{}'));
  await call();
  relay.fail('1', { code });
  const response = await answered;
  expect([response.status, response.headers.get('x-should-retry')]).toEqual([status, 'false']);
  expect((await response.json()).error).toMatchObject({ code, param: null });
});

test('a stream that is cut off breaks as a connection does', async () => {
  const { fetch, call, relay } = createFetch();
  const answered = fetch(chat, post('{}'));
  await call();
  relay.text('1', 'data: 1\n\n');
  const response = await answered;
  relay.fail('1', { code: 'interrupted' });
  await expect(response.text()).rejects.toThrow(TypeError);
});

test('a body that is too large never leaves the document', async () => {
  const { fetch, relay } = createFetch();
  const response = await fetch(chat, post('x'.repeat(limits.bodyChars + 1)));
  expect(response.status).toBe(413);
  expect(relay.posted).toEqual([]);
});
