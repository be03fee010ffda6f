/** What the extension of SillyTavern makes of its requests, without SillyTavern; with it: tests/e2e/sillytavern.full.e2e.ts. */

import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
// @ts-expect-error: a script without types
import { activate, createFetch } from '../../adapters/sillytavern/index.js';

const backend = '/api/backends/chat-completions/';
const custom = { chat_completion_source: 'custom', custom_url: 'https://oriel.invalid/v1' };
const messages = [{ role: 'user', content: 'Hi' }];

const event = (delta: object, end: string | null = null) => ({ choices: [{ index: 0, delta, finish_reason: end }] });
const wire = (...events: unknown[]) =>
  events.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');

/** A response that comes as these pieces, each when it is asked for; it never ends where `isOpen`. */
function streamed(pieces: readonly string[], { isOpen = false, cancelled = vi.fn() } = {}) {
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = left.shift();
        if (piece) controller.enqueue(piece);
        else if (isOpen) return new Promise(() => undefined);
        else controller.close();
        return undefined;
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}

interface Setting {
  readonly answer?: (url: string, init: RequestInit) => Response | Promise<Response>;
  readonly isMissing?: boolean;
  readonly isSecure?: boolean;
  readonly original?: (input: unknown, init: RequestInit) => Promise<Response>;
}

/** The page's `fetch` with Oriel behind it, and what went where. */
function page({ answer = () => Response.json({ data: [] }), isMissing = false, isSecure = true, original }: Setting = {}) {
  const asked: { url: string; body: Record<string, unknown> | undefined; signal: AbortSignal | null | undefined }[] = [];
  const told: string[] = [];
  const elsewhere = vi.fn(original ?? (async () => new Response('of the server')));
  const oriel = {
    fetch: async (url: string, init: RequestInit) => {
      asked.push({ url, body: init.body === undefined ? undefined : JSON.parse(String(init.body)), signal: init.signal });
      return answer(url, init);
    },
  };
  const fetch: typeof globalThis.fetch = createFetch({
    original: elsewhere,
    findOriel: () => (isMissing ? undefined : oriel),
    isSecure,
    // JSON is YAML.
    parseYaml: JSON.parse,
    tell: (message: string) => told.push(message),
  });
  const post = (endpoint: string, body: object, init: RequestInit = {}) =>
    fetch(backend + endpoint, { method: 'POST', body: JSON.stringify(body), headers: { 'X-CSRF-Token': 'token' }, ...init });
  return { asked, told, elsewhere, fetch, post };
}

const sentBy = async (body: object, setting?: Setting) => {
  const { asked, post } = page(setting);
  await post('generate', { ...custom, messages, ...body });
  return asked[0]?.body;
};

test.each<[string, string, RequestInit]>([
  ['another source', `${backend}generate`, { body: JSON.stringify({ ...custom, chat_completion_source: 'openai' }) }],
  ['another address', `${backend}generate`, { body: JSON.stringify({ ...custom, custom_url: 'http://127.0.0.1:1234/v1' }) }],
  [
    'a host that only begins alike',
    `${backend}status`,
    { body: JSON.stringify({ ...custom, custom_url: 'https://oriel.invalid.example/v1' }) },
  ],
  [
    'an address that only names it',
    `${backend}status`,
    { body: JSON.stringify({ ...custom, custom_url: 'https://example.com/oriel.invalid' }) },
  ],
  ['no address', `${backend}status`, { body: JSON.stringify({ ...custom, custom_url: '' }) }],
  ['another endpoint', `${backend}bias`, { body: JSON.stringify(custom) }],
  ['another path', '/api/settings/get', { body: JSON.stringify(custom) }],
  ['no JSON', `${backend}generate`, { body: 'oriel.invalid' }],
  ['no text', `${backend}generate`, { body: new Uint8Array([1]) }],
  ['a GET', `${backend}generate`, { method: 'GET' }],
])('with %s a request goes where it went', async (_what, url, init) => {
  const { asked, elsewhere, fetch } = page();
  const given = { method: 'POST', ...init };
  expect(await (await fetch(url, given)).text()).toBe('of the server');
  expect(elsewhere.mock.calls).toEqual([[url, given]]);
  expect(asked).toEqual([]);
});

test('a request without any options, or one that is a Request, goes where it went', async () => {
  const { elsewhere, fetch } = page();
  const request = new Request(`http://localhost${backend}generate`, { method: 'POST', body: JSON.stringify(custom) });
  await fetch('/version');
  await fetch(request);
  expect(elsewhere.mock.calls).toEqual([
    ['/version', undefined],
    [request, undefined],
  ]);
});

test('the status is the list of models that the site may name', async () => {
  const { asked, elsewhere, post } = page({ answer: () => Response.json({ object: 'list', data: [{ id: 'toy' }] }) });
  const { signal } = new AbortController();
  expect(await (await post('status', custom, { signal })).json()).toMatchObject({ data: [{ id: 'toy' }] });
  expect(asked).toMatchObject([{ url: 'https://oriel.invalid/v1/models', signal }]);
  expect(elsewhere).not.toHaveBeenCalled();
});

test('all samplers, stop strings, tools and images go along, and nothing that is SillyTavern’s own', async () => {
  const samplers = {
    temperature: 0.7,
    top_p: 0.9,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    seed: 7,
    max_tokens: 300,
    n: 2,
  };
  const rest = {
    stop: ['\nUser:'],
    tools: [{ type: 'function', function: { name: 'roll', parameters: {} } }],
    tool_choice: 'auto',
    reasoning_effort: 'low',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] }],
  };
  const own = {
    type: 'normal',
    user_name: 'User',
    char_name: 'Seraphina',
    group_names: [],
    include_reasoning: true,
    logprobs: 5,
    logit_bias: { 1: 2 },
  };
  expect(await sentBy({ ...samplers, ...rest, ...own, stream: false })).toEqual({ ...samplers, ...rest, stream: false });
});

test('additional parameters of the person are added, then those that they leave out are taken away', async () => {
  const body = {
    temperature: 1,
    top_p: 1,
    custom_include_body: '[{ "top_k": 40 }, { "min_p": 0.1, "repetition_penalty": 1.1 }]',
    custom_exclude_body: '["top_p", { "temperature": null }]',
  };
  expect(await sentBy(body)).toEqual({ messages, top_k: 40, min_p: 0.1, repetition_penalty: 1.1 });
  expect(await sentBy({ custom_include_body: '{ "top_k": 1 }', custom_exclude_body: '"top_k"' })).toEqual({ messages });
});

test('additional parameters that are no YAML are an error that names the field, and nothing is asked', async () => {
  const { asked, post } = page();
  const response = await post('generate', { ...custom, messages, custom_include_body: '{' });
  expect([response.status, (await response.json()).error.message]).toEqual([
    400,
    expect.stringContaining('"Include Body Parameters"'),
  ]);
  expect(asked).toEqual([]);
});

test('no tools are none', async () => {
  expect(await sentBy({ tools: [] })).toEqual({ messages });
});

test('a schema is a response format', async () => {
  const value = { type: 'object' };
  expect(await sentBy({ json_schema: { name: 'mood', value } })).toEqual({
    messages,
    response_format: { type: 'json_schema', json_schema: { name: 'mood', strict: true, schema: value } },
  });
});

test('sound goes along under OpenAI’s name', async () => {
  const content = [
    { type: 'text', text: 'Listen' },
    { type: 'audio_url', audio_url: { url: 'data:audio/mpeg;base64,AAA=' } },
    { type: 'audio_url', audio_url: { url: 'data:audio/wav;base64,BBB=' } },
  ];
  expect(await sentBy({ messages: [{ role: 'user', content }] })).toMatchObject({
    messages: [
      {
        content: [
          { type: 'text' },
          { type: 'input_audio', input_audio: { format: 'mp3', data: 'AAA=' } },
          { input_audio: { format: 'wav', data: 'BBB=' } },
        ],
      },
    ],
  });
});

test('a model’s name that the last status did not list is left out: it is of another time or another source', async () => {
  const lists = [['one', 'two'], ['two']];
  const { asked, post } = page({
    answer: (url) => Response.json({ data: url.endsWith('/models') ? lists.shift()?.map((id) => ({ id })) : [] }),
  });
  const generate = () => post('generate', { ...custom, messages, model: 'one' });
  await generate();
  await post('status', custom);
  await generate();
  await post('status', custom);
  await generate();
  expect(asked.filter(({ body }) => body).map(({ body }) => body?.model)).toEqual([undefined, 'one', undefined]);
});

test('messages that are to be merged are merged by SillyTavern’s own server, which nothing else is asked', async () => {
  const merged = [{ role: 'user', content: 'Hi\n\nthere' }];
  const original = vi.fn(async (_input: unknown, _init: RequestInit) => Response.json({ messages: merged }));
  const { signal } = new AbortController();
  const { asked, post } = page({ original });
  await post(
    'generate',
    { ...custom, messages, custom_prompt_post_processing: 'merge', user_name: 'Me', char_name: 'You', group_names: ['A'] },
    { signal },
  );
  expect(asked[0]?.body).toEqual({ messages: merged });
  const [input, init] = original.mock.calls[0] ?? [];
  expect(input).toBe(`${backend}process`);
  expect(init).toMatchObject({ method: 'POST', headers: { 'X-CSRF-Token': 'token' }, signal });
  expect(JSON.parse(String(init?.body))).toEqual({
    messages,
    type: 'merge',
    user_name: 'Me',
    char_name: 'You',
    group_names: ['A'],
  });
});

test('where they cannot be merged the person is told, and nothing is asked', async () => {
  const { asked, post } = page({ original: async () => new Response('', { status: 500 }) });
  const response = await post('generate', { ...custom, messages, custom_prompt_post_processing: 'merge' });
  expect([response.status, (await response.json()).error.message]).toEqual([400, expect.stringContaining('post-processing')]);
  expect(asked).toEqual([]);
});

test('the response comes with the first word and not before, and then all of it comes', async () => {
  let letGo: (text: string) => void = () => undefined;
  const text = new ReadableStream<Uint8Array>({
    start(controller) {
      letGo = (piece) => controller.enqueue(new TextEncoder().encode(piece));
    },
  });
  const { post } = page({ answer: () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }) });
  const answered = vi.fn();
  const asking = post('generate', { ...custom, messages, stream: true }).then((response) => {
    answered();
    return response;
  });
  const first = wire(event({ role: 'assistant', content: '' }));
  letGo(first);
  const word = wire(event({ content: 'Hé' }));
  letGo(word.slice(0, -20));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).not.toHaveBeenCalled();
  letGo(word.slice(-20));
  const response = await asking;
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  const next = async () => decoder.decode((await reader.read()).value, { stream: true });
  let read = '';
  while (read.length < (first + word).length) read += await next();
  letGo(wire('[DONE]'));
  read += await next();
  expect(read).toBe(first + word + wire('[DONE]'));
});

test.each([
  ['a call of a tool', {}, event({ tool_calls: [{ index: 0 }] }), true],
  ['a thought that is shown', { include_reasoning: true }, event({ reasoning_content: 'Hm' }), true],
  ['a thought that is not shown', { include_reasoning: false }, event({ reasoning_content: 'Hm' }), false],
  ['an end without a word', {}, event({}, 'stop'), true],
  ['an event without choices', {}, { usage: {} }, false],
])('%s begins an answer, or does not', async (_what, body, said, begins) => {
  const { post } = page({ answer: () => streamed([wire(said)], { isOpen: true }) });
  const response = await Promise.race([
    post('generate', { ...custom, messages, stream: true, ...body }),
    new Promise((resolve) => setTimeout(resolve, 50)),
  ]);
  expect(response instanceof Response).toBe(begins);
});

test('an error before the first word is an answer of its own; one after it stays in the stream', async () => {
  const failed = { error: { message: 'The model cannot be used just now.' } };
  const begin = event({ role: 'assistant', content: '' });
  const cancelled = vi.fn();
  const early = await page({ answer: () => streamed([wire(begin, failed)], { cancelled, isOpen: true }) }).post('generate', {
    ...custom,
    messages,
    stream: true,
  });
  expect([early.status, await early.json()]).toEqual([502, failed]);
  expect(cancelled).toHaveBeenCalled();
  const late = wire(begin, event({ content: 'A' }), failed);
  const response = await page({ answer: () => streamed([late]) }).post('generate', { ...custom, messages, stream: true });
  expect([response.status, await response.text()]).toEqual([200, late]);
});

test('a stream that ends without a word is given as it is', async () => {
  const all = wire('[DONE]');
  expect(
    await (await page({ answer: () => streamed([all]) }).post('generate', { ...custom, messages, stream: true })).text(),
  ).toBe(all);
});

test('cancelling the response cancels Oriel’s', async () => {
  const cancelled = vi.fn();
  const { post } = page({ answer: () => streamed([wire(event({ content: 'A' }))], { isOpen: true, cancelled }) });
  const response = await post('generate', { ...custom, messages, stream: true });
  await response.body?.cancel('enough');
  expect(cancelled).toHaveBeenCalledWith('enough');
});

test('the abort of SillyTavern reaches Oriel, before the answer and while the messages are merged', async () => {
  const stopping = new AbortController();
  const { asked, post } = page({
    answer: (_url, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  });
  const answer = post('generate', { ...custom, messages, stream: true }, { signal: stopping.signal });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  stopping.abort('stopped');
  await expect(answer).rejects.toBe('stopped');
  const gone = page({ original: async () => Promise.reject(new Error('aborted')) });
  await expect(
    gone.post('generate', { ...custom, messages, custom_prompt_post_processing: 'merge' }, { signal: AbortSignal.abort() }),
  ).rejects.toThrow('aborted');
});

test.each([
  ['missing', { isMissing: true }, /^Oriel is not in this browser/],
  ['in a page that came unencrypted', { isSecure: false }, /https/],
])('where Oriel is %s, the status says so to the person and a generation with its error', async (_what, setting, said) => {
  const { told, post, asked } = page(setting);
  const status = await post('status', custom);
  expect(status.ok).toBe(false);
  expect(told).toEqual([expect.stringMatching(said)]);
  const answer = await post('generate', { ...custom, messages, stream: true });
  expect([answer.status, (await answer.json()).error.message]).toEqual([503, expect.stringMatching(said)]);
  expect(told).toHaveLength(1);
  expect(asked).toEqual([]);
});

test('what Oriel refuses is told as Oriel says it', async () => {
  const refused = { error: { message: 'The person did not allow this.', code: 'permission_denied' } };
  const { told, post } = page({ answer: () => Response.json(refused, { status: 403 }) });
  expect((await post('status', custom)).status).toBe(403);
  expect(told).toEqual([refused.error.message]);
  const answer = await post('generate', { ...custom, messages, stream: true });
  expect([answer.status, await answer.json()]).toEqual([403, refused]);
});

test('the extension takes the page’s fetch and finds Oriel by its announcement alone', async () => {
  const target = new EventTarget();
  const answered = vi.fn(async () => Response.json({ data: [] }));
  const announce = (detail: unknown) => target.dispatchEvent(new CustomEvent('ai:announce', { detail }));
  target.addEventListener('ai:request', () => {
    announce(null);
    announce({ info: { id: 'example.other' }, provider: { fetch: () => undefined } });
    announce({ info: { id: 'invalid.oriel' }, provider: { fetch: answered } });
  });
  const original = vi.fn(async () => new Response('of the server'));
  const bound = (name: 'addEventListener' | 'removeEventListener' | 'dispatchEvent') => target[name].bind(target);
  vi.stubGlobal('fetch', original);
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('addEventListener', bound('addEventListener'));
  vi.stubGlobal('removeEventListener', bound('removeEventListener'));
  vi.stubGlobal('dispatchEvent', bound('dispatchEvent'));
  vi.stubGlobal('SillyTavern', { libs: { yaml: { parse: JSON.parse } } });
  vi.stubGlobal('toastr', { error: vi.fn() });
  try {
    activate();
    expect(await (await fetch('/version')).text()).toBe('of the server');
    await fetch(`${backend}status`, { method: 'POST', body: JSON.stringify(custom) });
    expect(answered).toHaveBeenCalledTimes(1);
    expect(original).toHaveBeenCalledTimes(1);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('the manifest names the file and the function that are there', () => {
  const folder = new URL('../../adapters/sillytavern/', import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'));
  expect(readFileSync(new URL(manifest.js, folder), 'utf8')).toContain(`export function ${manifest.hooks.activate}()`);
});
